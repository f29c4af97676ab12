// Reasons to look in Korean, by their code and what the API names in them; rare.ts has the words of their classes.

export const koReasons = {
  "reason.channel-failing": "{channel} 알림 {waiting}건이 전달되지 않고 있어요. {setting} 설정을 확인해 주세요.",
  "reason.clock-wrong": "{process}의 시계가 데이터베이스와 {seconds}초 달라요. 시간 동기화(NTP)를 켜 주세요.",
  "reason.data-missing": "켜진 {data} 출처가 없어요. 출처를 켜거나 키를 넣어 주세요.",
  "reason.database-fault":
    "데이터베이스 서버가 이렇게 답했어요: {says}. 서버 로그와 AZAK_DATABASE_URL을 확인해 주세요.",
  "reason.database-schema-newer":
    "데이터베이스가 {found} 버전인데 이 azak은 {known} 버전까지만 알아요. azak을 새 버전으로 바꿔 주세요.",
  "reason.disk-low": "{path} 디스크에 {free_mb}MB만 남았어요. 공간을 비워 주세요.",
  "reason.job-overdue.failed": "‘{job}’ 작업이 두 번 연달아 실패했어요. 실행 기록에서 이유를 확인해 주세요.",
  "reason.job-overdue.late": "‘{job}’ 작업이 예정보다 {minutes}분 늦었어요. 스케줄러 로그를 확인해 주세요.",
  "reason.job-overdue.open": "‘{job}’ 작업이 {minutes}분째 끝나지 않았어요. 실행 기록을 확인해 주세요.",
  "reason.listing-odd.refused":
    "{market} 종목 목록에 이상이 있어 반영하지 않았어요. {day} 목록을 계속 쓰고 있어요. 실행 기록에서 이유를 확인해 주세요.",
  "reason.listing-odd.refused_first":
    "{market} 종목 목록에 이상이 있어 반영하지 않았어요. 실행 기록에서 이유를 확인해 주세요.",
  "reason.listing-odd.renamed":
    "{day}부터 {code} 종목명이 ‘{old}’에서 ‘{new}’(으)로 바뀌었어요. 같은 회사라면 azak stocks seen {code}로 확인해 주세요.",
  "reason.log-gone":
    "{process}의 로그를 쓸 수 없어요. 지금까지 {lines}줄이 빠졌어요. 디스크를 비우거나, 로그를 읽는 쪽이 꺼졌다면 다시 시작해 주세요. 작업은 계속돼요.",
  "reason.loop-stopped": "{process}의 ‘{loop}’ 루프가 {seconds}초째 멈춰 있어요. 로그를 확인하고 다시 시작해 주세요.",
  "reason.model-drifts":
    "‘{model}’의 확률이 백테스트 때와 달라졌어요. 확률 점검을 보고, 필요하면 azak models rollback {model}로 되돌려 주세요.",
  "reason.model-member": "‘{model}’에서 실패가 계속돼 빼 두었어요. 다른 모델은 그대로 예측해요.",
  "reason.model-process":
    "{process}의 모델을 쓸 수 없어요. 10분 동안 {restarts}번 다시 시작했어요. 로그를 확인해 주세요.",
  "reason.news-not-seen.again":
    "{sources} 출처에서 {since}부터 {until} 사이의 뉴스 일부({gaps}개 구간)를 가져오지 못했어요. 한 시간 간격으로 다시 시도해요.",
  "reason.news-not-seen.never":
    "{sources} 출처에서 {since}부터 {until} 사이의 뉴스 일부({gaps}개 구간)를 놓쳤고, 이제는 가져올 수 없어요.",
  "reason.news-not-seen.next":
    "{sources} 출처에서 {since}부터 {until} 사이의 뉴스 일부({gaps}개 구간)를 가져오지 못했어요. 다음 뉴스 수집 때 채워요.",
  "reason.job-paused":
    "{by} 님이 {day}에 ‘{job}’ 작업을 일시 중지했어요. azak jobs resume {id}로 다시 시작할 수 있어요.",
  "reason.process-silent": "{process}에서 {seconds}초째 응답이 없어요. 로그를 확인하고 다시 시작해 주세요.",
  "reason.queue-unserved":
    "‘{kind}’ 작업을 맡은 프로세스가 없어요. AZAK_SCHEDULER_KINDS에 넣거나 이 작업을 맡는 azak worker를 시작해 주세요.",
  "reason.replica-stale":
    "읽기용 복제본을 {seconds}초째 쓰지 못하고 있어요. 읽기는 원본이 맡고 있어요. 복제 상태를 확인해 주세요.",
  "reason.run-unreported":
    "마지막 시도({attempts}번째, {worker})의 결과를 받지 못했어요. 프로세스가 종료됐거나 데이터베이스에 연결하지 못했어요. 로그를 확인한 뒤 다시 실행해 주세요.",
  "reason.scheduler-problem": "스케줄러에 문제가 있어요({problem}). 로그를 확인해 주세요.",
  "reason.scheduler-unavailable": "실행 중인 스케줄러가 없어요. {restart} 명령으로 다시 시작해 주세요.",
  "reason.source-quota-gone":
    "{source} 출처의 오늘 한도를 다 썼어요({limit}건 중 {used}건). 자정이 지나면 다시 요청해요.",
  "reason.sources-failed": "{data} 출처가 모두 제대로 응답하지 않아요. 출처를 시험하고 마지막 오류를 확인해 주세요.",
} as const;
