// Words of the models page: whether its record is to be believed, in Korean.

export const koModelsPage = {
  "belief.better": "더 나음",
  "belief.early": "{model}을 믿어도 되는지 아직 말할 수 없어요. 채점한 거래일이 부족해요.",
  "belief.none": "{model}의 방향 예측은 아직 믿지 마세요. 기준선보다 낫다는 증거가 없어요.",
  "belief.plot": "모델 {n}개의 Brier 스킬 점수와 95% 구간, 세로 점선은 기준선",
  "belief.same": "{model}의 방향 예측은 기준선과 같아요. 믿고 따를 만한 차이가 없어요.",
  "belief.shown": "{model}의 방향 예측은 기준선보다 낫다는 것이 검증됐어요. 다만 차이는 작아요.",
  "belief.skill": "Brier 스킬 점수 {value} [{low} … {high}]",
  "belief.worse": "{model}의 방향 예측을 믿지 마세요. 기준선보다 못해요.",
} as const;
