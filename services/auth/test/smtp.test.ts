import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import { startAuth, type Auth } from './fixtures/auth.fixture.ts';

/** A mail server that takes everything it is sent, except that it may be told to be busy first. */
const startSmtp = async () => {
  const mails: string[] = [];
  const state = { busy: 0, tries: 0 };
  const serve = (socket: Socket): void => {
    let [buffer, data] = ['', false];
    const say = (line: string) => socket.write(`${line}\r\n`);
    const answer = (line: string): void => {
      if (/^(?:EHLO|HELO)/.test(line)) say('250 ready');
      else if (line === 'DATA') [data] = [true, say('354 go on')];
      else if (line === 'QUIT') socket.end('221 bye\r\n');
      else if (line.startsWith('MAIL') && (state.tries += 1) <= state.busy) say('451 busy, try again');
      else say('250 ok');
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      buffer += chunk.toString();
      for (;;) {
        const end = buffer.indexOf(data ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const part = buffer.slice(0, end);
        buffer = buffer.slice(end + (data ? 5 : 2));
        if (!data) answer(part);
        else {
          data = false;
          mails.push(part);
          say('250 taken');
        }
      }
    });
    say('220 mail.example.com');
  };
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    state,
    close: () => server.close(),
  };
};

let smtp: Awaited<ReturnType<typeof startSmtp>>;
let auth: Auth;
beforeAll(async () => {
  smtp = await startSmtp();
  auth = await startAuth({ SMTP_URL: smtp.url, MAIL_FROM: 'Atrium <hall@example.com>' });
});
afterAll(async () => {
  await auth.close();
  smtp.close();
});

describe('mails over SMTP', () => {
  it('are sent after signing up, and again when the server was busy', async () => {
    smtp.state.busy = 1;
    const email = auth.newEmail();
    await auth.register(email);
    const mail = await eventually(async () => smtp.mails.find((one) => one.includes(`To: ${email}`)), 20_000);
    expect(mail).toContain('From: Atrium <hall@example.com>');
    expect(smtp.state.tries).toBe(2);
    // A server that asks for time, as greylisting does for minutes, uses up none of the attempts.
    const done = async () =>
      auth.database.query<{ attempts: number }>(
        `select attempts from auth.jobs where payload->>'email' = $1 and state = 'succeeded'`,
        [email],
      );
    expect(await eventually(async () => (await done())[0])).toEqual({ attempts: 1 });
  });
});
