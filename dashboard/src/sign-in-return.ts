// Where a reader was when they followed a link to the sign-in, so that signing in leads back there.

let place: string | null = null;

export function rememberPlace(): void {
  place = location.hash || "#/";
}

/** Goes back to the remembered place, once. */
export function returnToPlace(): void {
  if (place !== null && place !== location.hash) location.hash = place;
  place = null;
}
