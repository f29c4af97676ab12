// Words about reports, briefs and the language model that may write them, in English.

import type { koReports } from "../ko/reports";

export const enReports: Record<keyof typeof koReports, string> = {
  "brief.title": "Brief",
  "report.corrected": "Something in this report was wrong; report {id} corrects it.",
  "report.corrects": "This report corrects what earlier ones got wrong.",
  "report.files": "Download",
  "report.title": "Report",
};
