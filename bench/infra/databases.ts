import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Connects as the administrator for one piece of work. */
export const asAdmin = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** An empty database. @returns its address, for the administrator */
export const createDatabase = async (adminUrl: string): Promise<string> => {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, (admin) => admin.query(`create database ${name}`));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
};
