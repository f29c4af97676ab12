// Where a reader was when they followed a link to the sign-in, so that signing in leads back there. Kept over a reload.

import { here, navigate } from "./route";

const NAME = "azak.signInFrom";

export function rememberPlace(): void {
  try {
    sessionStorage.setItem(NAME, here());
  } catch {
    // Storage may be refused (private windows); the reader then stays in the settings.
  }
}

/** Whether a reader is on the way to the sign-in. */
export function cameToSignIn(): boolean {
  try {
    return sessionStorage.getItem(NAME) !== null;
  } catch {
    return false;
  }
}

/** Goes back to the remembered place, once. */
export function returnToPlace(): void {
  try {
    const place = sessionStorage.getItem(NAME);
    sessionStorage.removeItem(NAME);
    if (place !== null) navigate(place);
  } catch {
    // As above.
  }
}
