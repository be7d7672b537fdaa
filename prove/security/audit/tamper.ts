import { verifyAudit } from '@atrium/service-kit';
import pg from 'pg';
import type { Platform } from '../../platform/platform.ts';

const chain = `workspace_id = (select workspace_id from %s.audit_log group by 1 order by count(*) desc limit 1)`;

/** What somebody with the whole database in hand might do to a log, in a transaction that is then undone. */
const changes: readonly (readonly [string, string])[] = [
  ['edited', `update %s.audit_log set operation = 'nothing' where sequence = 2 and ${chain}`],
  ['edited in its details', `update %s.audit_log set details = '{"x":1}' where sequence = 1 and ${chain}`],
  ['given to another', `update %s.audit_log set user_id = gen_random_uuid() where sequence = 2 and ${chain}`],
  ['moved in time', `update %s.audit_log set at = at - interval '1 hour' where sequence = 2 and ${chain}`],
  ['deleted', `delete from %s.audit_log where sequence = 2 and ${chain}`],
  ['deleted at the front', `delete from %s.audit_log where sequence = 1 and ${chain}`],
  ['cut off', `delete from %s.audit_log where sequence > 2 and ${chain}`],
  ['emptied', `delete from %s.audit_log where ${chain}`],
  [
    'reordered',
    `update %s.audit_log set sequence = case sequence when 1 then -2 else -1 end where sequence in (1, 2) and ${chain};
     update %s.audit_log set sequence = -sequence where sequence < 0 and ${chain}`,
  ],
];

/** The service's role may not even try. */
const attempts = [
  `update audit_log set operation = 'nothing'`,
  'delete from audit_log',
  'truncate audit_log',
  'update audit_heads set sequence = 0',
  'alter table audit_log disable trigger all',
  'drop table audit_log',
];

const hasLog = async ({ database }: Platform, schema: string): Promise<boolean> => {
  const [found] = await database.query<{ there: string | null }>(`select to_regclass($1)::text as there`, [
    `${schema}.audit_log`,
  ]);
  return Boolean(found?.there);
};

const asService = async (platform: Platform, schema: string): Promise<string[]> => {
  const client = new pg.Client(platform.database.urlOf(schema));
  await client.connect();
  const allowed: string[] = [];
  try {
    await client.query(`set search_path = ${schema}`);
    for (const sql of attempts) {
      const went = await client.query(sql).then(
        ({ rowCount }) => rowCount !== 0,
        () => false,
      );
      if (went) allowed.push(`${schema}: the service's role may ${sql.split(' ').slice(0, 3).join(' ')}`);
    }
  } finally {
    await client.end();
  }
  return allowed;
};

/** Changes the log in every way and undoes it. @returns what went unnoticed */
export const tamper = async (platform: Platform, schemas: readonly string[]): Promise<string[]> => {
  const faults: string[] = [];
  const { adminUrl } = platform.database;
  for (const schema of schemas) {
    if (!(await hasLog(platform, schema))) continue;
    faults.push(...(await asService(platform, schema)));
    for (const [name, sql] of changes) {
      await platform.database.query(`create table ${schema}.audit_kept as select * from ${schema}.audit_log`);
      await platform.database.query(`alter table ${schema}.audit_log disable trigger user`);
      try {
        for (const statement of sql.replaceAll('%s', schema).split(';')) await platform.database.query(statement);
        const { breaks } = await verifyAudit({ adminUrl, schemas: [schema] });
        if (breaks.length === 0) faults.push(`${schema}: a record was ${name}, and nobody noticed`);
      } finally {
        await platform.database.query(`delete from ${schema}.audit_log`);
        await platform.database.query(`insert into ${schema}.audit_log select * from ${schema}.audit_kept`);
        await platform.database.query(`alter table ${schema}.audit_log enable trigger user`);
        await platform.database.query(`drop table ${schema}.audit_kept`);
      }
    }
  }
  return faults;
};
