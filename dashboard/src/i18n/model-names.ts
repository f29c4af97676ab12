// What people call each kind of model, in both languages; tests/dashboard compares it with backend/domain/members.py.

export const koModels = {
  "model.always_up": "항상 시장 상회",
  "model.base": "기본 비율",
  "model.event": "사건의 효과",
  "model.gated": "종합 (관문 통과)",
  "model.knn": "비슷한 과거 소식",
  "model.llm": "언어 모델",
  "model.momentum": "추세 따르기",
  "model.price": "가격 흐름",
  "model.reversal": "되돌림",
  "model.size": "움직임의 크기",
  "model.text": "소식의 문구",
};

export const enModels: Record<keyof typeof koModels, string> = {
  "model.always_up": "always outperform",
  "model.base": "base rate",
  "model.event": "effects of events",
  "model.gated": "combined (gated)",
  "model.knn": "similar past stories",
  "model.llm": "language model",
  "model.momentum": "momentum",
  "model.price": "price pattern",
  "model.reversal": "reversal",
  "model.size": "size of the move",
  "model.text": "words of the news",
};
