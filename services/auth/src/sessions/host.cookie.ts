import type { IncomingHttpHeaders } from 'node:http';

const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Strict';

/** What is read of a request, and written to its answer. */
export interface Asking {
  readonly headers: IncomingHttpHeaders;
}
export interface Answer {
  append(name: 'set-cookie', value: string): unknown;
}

/** A cookie that no script can read, no other site sends, and no other host of the domain sets (RFC 6265bis §4.1.3.2). */
export const createHostCookie = (name: `__Host-${string}`) => ({
  read({ headers }: Asking): string | undefined {
    const found = (headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(`${name}=`));
    return found?.slice(name.length + 1) || undefined;
  },
  write(res: Answer, value: string, seconds: number): void {
    res.append('set-cookie', `${name}=${value}; ${ATTRIBUTES}; Max-Age=${Math.max(0, Math.floor(seconds))}`);
  },
  clear: (res: Answer): void => void res.append('set-cookie', `${name}=; ${ATTRIBUTES}; Max-Age=0`),
});
export type HostCookie = ReturnType<typeof createHostCookie>;
