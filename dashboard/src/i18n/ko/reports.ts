// Words about reports, briefs and the language model that may write them, in Korean.

export const koReports = {
  "brief.title": "브리핑",
  "report.corrected": "이 리포트에는 틀린 사실이 있어 {id}번 리포트에서 바로잡았습니다.",
  "report.corrects": "이 리포트는 앞선 리포트의 틀린 사실을 바로잡습니다.",
  "report.files": "파일로 받기",
  "report.title": "리포트",
} as const;
