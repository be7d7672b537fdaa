/**
 * Whether an authenticator's counter shows that there is a copy of it: it must grow with each signature, unless it
 * stays at zero, as that of authenticators does which do not count (WebAuthn Level 3 §6.1.1). Pure.
 */
export const wentBack = (known: number, shown: number): boolean => (known > 0 || shown > 0) && shown <= known;
