import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '@atrium/service-kit';
import { createHostCookie, type Answer, type Asking } from './host.cookie.ts';

const NAME = '__Host-atrium_refresh';

/** A page of another site cannot send this header without a preflight, which only listed origins pass. */
const CSRF_HEADER = 'x-csrf';

/** The refresh token of a browser: a cookie that no script can read, for pages of known origins only. */
export interface RefreshCookie {
  /** The token in the cookie, if there is one. */
  read(req: Asking): string | undefined;
  /** @param until when the session ends */
  write(res: Answer, refreshToken: string, until: Date): void;
  clear(res: Answer): void;
  /** @throws DomainError 403 `auth.foreign_origin` or `auth.csrf_missing` unless a page of ours asks, on purpose */
  checkPage(req: Asking): void;
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

/**
 * @param origins of pages that may use it, besides those of the host itself
 * @param trustProxy whether X-Forwarded-Host names the host that the browser asked
 */
export const createRefreshCookie = (options: {
  origins: readonly string[];
  trustProxy: boolean;
  now: () => Date;
}): RefreshCookie => {
  const { origins, trustProxy, now } = options;
  const cookie = createHostCookie(NAME);
  const isOurs = (origin: string, headers: IncomingHttpHeaders): boolean => {
    const forwarded = trustProxy ? headers['x-forwarded-host'] : undefined;
    return origins.includes(origin) || hostOf(origin) === (forwarded ?? headers.host);
  };
  return {
    read: cookie.read,
    write: (res, refreshToken, until) => cookie.write(res, refreshToken, (until.getTime() - now().getTime()) / 1000),
    clear: cookie.clear,
    checkPage({ headers }) {
      const { origin } = headers;
      const foreign = origin === undefined ? headers['sec-fetch-site'] === 'cross-site' : !isOurs(origin, headers);
      if (foreign) throw new DomainError('auth.foreign_origin', 403, 'Pages of this origin may not do this.');
      if (headers[CSRF_HEADER] === undefined)
        throw new DomainError('auth.csrf_missing', 403, `Send the header ${CSRF_HEADER}: 1 with the cookie.`);
    },
  };
};
