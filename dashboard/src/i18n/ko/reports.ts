// Words about reports, briefs and the language model that may write them, in Korean.

export const koReports = {
  "brief.title": "브리핑",
  "report.corrected": "이 리포트의 틀린 내용을 {id}번 리포트에서 바로잡았어요.",
  "report.corrects": "이 리포트는 앞선 리포트의 틀린 내용을 바로잡아요.",
  "report.files": "파일로 받기",
  "report.title": "리포트",
} as const;
