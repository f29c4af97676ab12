// Words of the models page: whether its record is to be believed, in Korean.

export const koModelsPage = {
  "belief.better": "더 나음",
  "belief.early": "{model}의 예측을 믿어도 되는지 아직 말할 수 없어요. 채점한 거래일이 부족해요.",
  "belief.none": "{model}의 방향 예측은 아직 믿지 마세요. 기준선보다 낫다는 증거가 없어요.",
  "belief.plot": "모델 {n}개의 Brier 스킬 점수와 95% 구간, 세로 점선은 기준선",
  "belief.same": "{model}의 방향 예측은 기준선과 같아요. 믿고 따를 만한 차이가 없어요.",
  "belief.shown": "{model}의 방향 예측은 기준선보다 낫다는 것이 검증됐어요. 다만 차이는 작아요.",
  "belief.skill": "Brier 스킬 점수 {value} [{low} … {high}]",
  "belief.worse": "{model}의 방향 예측을 믿지 마세요. 기준선보다 못해요.",
  "sizes.against": "비교 대상",
  "sizes.brier": "3% 넘는 움직임 (Brier 스킬)",
  "sizes.ewma": "EWMA 변동성",
  "sizes.label": "보정 곡선: 구간 {n}개, 가로는 3% 넘게 움직인다고 예측한 확률, 세로는 실제 비율",
  "sizes.note": "얼마나 크게 움직일지 잘 예측했는지예요. 0보다 크면 비교 대상보다 나아요.",
  "sizes.own": "종목의 누적 기록",
  "sizes.pinball": "크기 전체 (핀볼 스킬)",
  "sizes.rate": "3% 넘게 움직인 비율 {rate}, 예측 평균 {mean}",
  "sizes.recent": "종목의 최근 250거래일",
  "sizes.rest": "오늘 장 마감까지",
  "sizes.title": "움직임 크기를 얼마나 맞혔나",
} as const;
