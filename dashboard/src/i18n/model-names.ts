// What people call each kind of model, in both languages; tests/dashboard compares it with backend/domain/members.py.

export const koModels = {
  "model.always_up": "항상 시장 상회",
  "model.base": "기본 비율",
  "model.event": "사건 효과",
  "model.gated": "종합 모델",
  "model.knn": "비슷한 과거 소식",
  "model.llm": "언어 모델",
  "model.momentum": "추세 추종",
  "model.price": "가격 흐름",
  "model.reversal": "추세 반전",
  "model.size": "움직임 크기",
  "model.text": "뉴스 문구",
};

export const enModels: Record<keyof typeof koModels, string> = {
  "model.always_up": "always outperform",
  "model.base": "base rate",
  "model.event": "event effects",
  "model.gated": "combined model",
  "model.knn": "similar past stories",
  "model.llm": "language model",
  "model.momentum": "momentum",
  "model.price": "price pattern",
  "model.reversal": "reversal",
  "model.size": "move size",
  "model.text": "news wording",
};
