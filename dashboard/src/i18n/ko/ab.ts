// Why an A/B test has the verdict that it has, in Korean: said where one was measured.

export const koAb = {
  "ab.why.better": "{side}의 손실이 평균 {by} 적고, 신뢰 구간이 0을 벗어났어요.",
  "ab.why.early": "시작 전에 정한 {minimum}거래일 중 {n_days}거래일이 지났어요.",
  "ab.why.equal": "두 버전이 모든 예측에서 0.1%p까지 같아요.",
  "ab.why.far": "이 정도 차이를 확인하려면 {sessions}거래일이 필요해요.",
  "ab.why.few_blocks": "판단하기에는 서로 독립적인 기간이 아직 적어요.",
  "ab.why.open": "신뢰 구간에 아직 0이 있어요. 거래일이 더 쌓이면 알 수 있어요.",
  "ab.why.small": "차이가 있더라도 {gap}보다 작아요.",
  "ab.why.small_so_far": "차이는 확실하지만 아직 {gap}보다 작아요.",
};
