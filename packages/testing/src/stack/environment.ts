/** Where the private stack of a test run is; `./atrium test` sets it. */
const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with ./atrium test`);
  return value;
};

export const adminDatabaseUrl = (): string => required('TEST_DATABASE_URL');
export const redisUrl = (): string => required('TEST_REDIS_URL');

/** What runs beside others must not turn requests away for them. What is turned away under load is shown by `prove`. */
export const neverTurnedAway = { MAX_IN_FLIGHT: '0' } as const;
