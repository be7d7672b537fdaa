import { describe, expect, it } from '@jest/globals';
import { readLauncherConfig } from './config.ts';

describe('readLauncherConfig', () => {
  it('has a default for everything', () => {
    const config = readLauncherConfig({});
    expect(config).toMatchObject({ portBase: 8000, host: '127.0.0.1', databaseUrl: undefined, redisUrl: undefined });
    expect(config.home).toBe(`${config.root}/.atrium`);
  });

  it.each(['0', '-1', '65001', 'eighty', '80.5'])('refuses the port base %s', (value) => {
    expect(() => readLauncherConfig({ ATRIUM_PORT_BASE: value })).toThrow(`ATRIUM_PORT_BASE is ${value}`);
  });

  it('names the setting whose JSON or file is wrong', () => {
    expect(() => readLauncherConfig({ DB_PASSWORDS: 'secret' })).toThrow('DB_PASSWORDS is not a JSON object');
    expect(() => readLauncherConfig({ DATABASE_URL_FILE: '/nowhere/at-all' })).toThrow('DATABASE_URL_FILE');
  });
});
