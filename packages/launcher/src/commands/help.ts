import type { Command } from '../command.ts';
import { usages } from './usage.ts';

const settings = `Settings (environment):
  ATRIUM_HOME         data, secrets and logs; default .atrium beside the code
  ATRIUM_PORT_BASE    port of the gateway, the services follow it; default 8000
  ATRIUM_HOST         address of the gateway; default 127.0.0.1
  DATABASE_URL        a Postgres server, admin connection; absent: an embedded one
  REDIS_URL           a Redis server; absent: an embedded one
  S3_ENDPOINT         an S3-compatible store; absent: a folder
  OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY
                      models; absent: the built-in assistant
Any secret can be given as a file: NAME_FILE=/path.`;

export const help: Command = ({ terminal }) => {
  const width = Math.max(...Object.values(usages).map(({ usage }) => usage.length));
  const lines = Object.values(usages).map(({ usage, summary }) => `  ${usage.padEnd(width)}   ${summary}`);
  terminal.print(['./atrium <command>', '', ...lines, '', settings].join('\n'));
  return Promise.resolve(0);
};
