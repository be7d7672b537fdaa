import { invalid } from '@atrium/service-kit';

/**
 * Where a browser goes after Google: a path of the app, or an address of an origin whose pages may sign in here.
 * @throws DomainError 422 `auth.return_refused`
 */
export const returnAddress = (asked: string, appUrl: string, origins: readonly string[]): string => {
  const url = URL.canParse(asked, appUrl) ? new URL(asked, appUrl) : undefined;
  const allowed = url && [new URL(appUrl).origin, ...origins].includes(url.origin);
  if (allowed && url.username === '' && url.password === '') return url.href;
  throw invalid('auth.return_refused', 'return_to must be a path of the app, or an address of an allowed origin.');
};
