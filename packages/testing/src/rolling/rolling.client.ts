/** Whoever uses the platform while its roles are replaced. */
export interface RollingClient {
  readonly gateway: string;
  /** Access token; asked for each time, since it may have been renewed. */
  token(): string;
}

export const headersOf = (client: RollingClient, more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${client.token()}`,
  ...more,
});

/** The name of a failure below HTTP. */
export const causeOf = (error: unknown): string => {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' ? code : String(cause);
};
