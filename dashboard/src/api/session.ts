import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "./client";
import { POLL_SLOW_MS, useApi } from "./queries";

/** Name and scopes of whoever is signed in with this browser. */
export function useSession(): UseQueryResult<Schemas["SessionItem"]> {
  return useApi("/api/session", {}, { every_ms: POLL_SLOW_MS });
}
