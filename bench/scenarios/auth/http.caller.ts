import { Pool } from 'undici';

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What was set, as `name=value`. */
  readonly cookies: readonly string[];
}

/** Speaks JSON to one server over connections that are kept. */
export const createCaller = (origin: string) => {
  const pool = new Pool(origin, { connections: 512, pipelining: 1 });
  const call = async (method: 'GET' | 'POST', path: string, headers: Record<string, string>, body?: object) => {
    const sent = { origin, ...headers, ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await pool.request({ method, path, headers: sent, body: body ? JSON.stringify(body) : null });
    const text = await answer.body.text();
    const set = answer.headers['set-cookie'] ?? [];
    return {
      status: answer.statusCode,
      body: (text === '' ? undefined : JSON.parse(text)) as unknown,
      headers: answer.headers,
      cookies: [set].flat().map((cookie) => cookie.split(';')[0] ?? ''),
    } satisfies HttpAnswer;
  };
  return {
    post: (path: string, body: object): Promise<HttpAnswer> => call('POST', path, {}, body),
    get: (path: string, headers: Record<string, string>): Promise<HttpAnswer> => call('GET', path, headers),
    close: (): Promise<void> => pool.destroy(),
  };
};
export type Caller = ReturnType<typeof createCaller>;
