import { listRevocations, type Revocation } from '@atrium/contracts';

/** The truth about revocations, as auth remembers it. */
export interface RevocationSource {
  /** @param since a `now` of an earlier answer; absent: everything that still matters */
  load(since: number | undefined): Promise<{ now: number; revocations: Revocation[] }>;
  /** Takes what tells the watch of a revocation directly; only auth itself has something to tell. */
  follow?(tell: (revocations: readonly Revocation[]) => void): void;
}

const ASK_MS = 500;

/** Asks auth over HTTP. */
export const createRevocationSource = (authUrl: string, get: typeof fetch = fetch): RevocationSource => ({
  async load(since) {
    const url = new URL(listRevocations.path, authUrl);
    if (since !== undefined) url.searchParams.set('since', String(since));
    const response = await get(url, { signal: AbortSignal.timeout(ASK_MS) });
    if (!response.ok) throw new Error(`${url.href} answered ${response.status}`);
    return listRevocations.response.parse(await response.json());
  },
});
