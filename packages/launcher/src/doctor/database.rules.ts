import { note, ok, problem, type Finding } from './finding.ts';

/** What a schema's tables say of its work. Ages in seconds. */
export interface SchemaFacts {
  readonly schema: string;
  readonly waitingEvents: number;
  readonly oldestEvent: number;
  readonly deadEvents: number;
  /** Jobs that are due, and how long the first has been. */
  readonly waitingJobs: number;
  readonly oldestJob: number;
  /** Jobs whose worker has not been heard of for longer than its lease. */
  readonly stuckJobs: number;
  readonly failedJobs: number;
  /** Migrations that were not run. */
  readonly pending: readonly string[];
}

export interface ServerFacts {
  readonly maxConnections: number;
  /** Connections that all roles may open together, at one process each. */
  readonly pools: number;
  readonly vector: 'installed' | 'available' | 'absent';
  /** Milliseconds that the database's clock is ahead of this machine's. */
  readonly skewMs: number;
}

const LATE_SECONDS = 60;
const SKEW_MS = 5_000;

const minutes = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

/** Events and jobs that do not get on, and migrations that wait. */
export const judgeSchema = (facts: SchemaFacts): Finding[] => {
  const { schema } = facts;
  const findings: Finding[] = [];
  if (facts.deadEvents > 0) {
    const advice = `Look at last_error in ${schema}.outbox (state = 'dead'), correct the cause, then replay them: GET and POST /ops/<service>/dead-letters of the service.`;
    findings.push(problem('events', `${facts.deadEvents} of ${schema} were given up after many attempts`, advice));
  }
  if (facts.oldestEvent > LATE_SECONDS) {
    const text = `${facts.waitingEvents} of ${schema} wait, the first for ${minutes(facts.oldestEvent)}`;
    findings.push(
      problem('events', text, 'Is the service that hears them running? Look at its log, and at Redis above.'),
    );
  }
  if (facts.stuckJobs > 0) {
    const text = `${facts.stuckJobs} of ${schema} are marked running, but nobody works on them`;
    findings.push(
      problem('jobs', text, `They are taken up again by a running ${schema} service within a minute; start it.`),
    );
  }
  if (facts.oldestJob > LATE_SECONDS) {
    const text = `${facts.waitingJobs} of ${schema} are due, the first for ${minutes(facts.oldestJob)}`;
    findings.push(problem('jobs', text, 'Start another process of that service, or look at what its jobs wait for.'));
  }
  if (facts.failedJobs > 0) {
    findings.push(
      note('jobs', `${facts.failedJobs} of ${schema} failed in the last day; their reason is in ${schema}.jobs`),
    );
  }
  if (facts.pending.length > 0) {
    const text = `${facts.pending.length} of ${schema} were not run: ${facts.pending.join(', ')}`;
    findings.push(problem('migrations', text, 'Run ./atrium migrate; it does not disturb what runs.'));
  }
  return findings;
};

/** The database server itself. */
export const judgeServer = ({ maxConnections, pools, vector, skewMs }: ServerFacts): Finding[] => {
  const fit = `${pools} for all pools, of ${maxConnections}`;
  const ahead = `${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine`;
  return [
    pools > maxConnections * 0.9
      ? problem('connections', `${fit} is too close`, 'Lower DATABASE_POOL, or raise max_connections of Postgres.')
      : ok('connections', fit),
    Math.abs(skewMs) > SKEW_MS
      ? problem('clock', `Postgres is ${ahead}`, 'Let both machines follow a time server (chrony, systemd-timesyncd).')
      : ok('clock', `Postgres is ${ahead}`),
    vector === 'installed'
      ? ok('pgvector', 'installed')
      : note(
          'pgvector',
          vector === 'absent'
            ? 'not on this server: vectors are compared one by one, which is fine up to some 100 000 chunks'
            : 'on this server but not installed: ./atrium migrate installs it before the first migration of document',
        ),
  ];
};

/** @param appendOnly `yes` when Redis writes what it is told to disk */
export const judgeRedis = (facts: {
  version: string;
  policy: string | undefined;
  appendOnly: string | undefined;
}): Finding => {
  const { version, policy, appendOnly } = facts;
  if (policy !== undefined && policy !== 'noeviction') {
    return problem('Redis', `maxmemory-policy is ${policy}`, 'Set it to noeviction, or queued work may vanish.');
  }
  if (appendOnly === 'no') {
    return note(
      'Redis',
      `answers, version ${version}, but appendonly is off: after a crash streams begin anew and limits are forgotten; set appendonly yes`,
    );
  }
  return ok('Redis', `answers, version ${version}`);
};

const DAY = 86_400_000;

/** @param last when the last backup was made from this home, in epoch milliseconds */
export const judgeBackup = (last: number | undefined, now: number): Finding => {
  const how = './atrium backup DIR, from a timer';
  if (last === undefined) return note('backup', `none was made from this home; ${how}`);
  const days = Math.floor((now - last) / DAY);
  const text = days === 0 ? 'of today' : `${days} day(s) old`;
  return days >= 7
    ? problem('backup', text, `Make one: ${how}.`)
    : days >= 2
      ? note('backup', text)
      : ok('backup', text);
};

/** What works without, but not for others. */
export const judgeSettings = (given: { mail: boolean; payments: boolean }): Finding[] => [
  given.mail
    ? ok('mail', 'sent over SMTP')
    : note('mail', 'written to files: nobody can confirm an address or be invited; set SMTP_URL'),
  given.payments ? ok('payments', 'set up') : note('payments', 'not set up: credit comes from grants only'),
];
