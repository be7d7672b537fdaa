import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { commits, followTransactions } from '../platform/postgres.proxy.ts';
import { readReadiness, readStatements } from '../platform/postgres.wire.ts';
import { startTcpProxy } from '../platform/tcp.proxy.ts';

const message = (type: string, body: string): Buffer => {
  const head = Buffer.alloc(4);
  head.writeInt32BE(Buffer.byteLength(body) + 4);
  return Buffer.concat([Buffer.from(type), head, Buffer.from(body)]);
};

describe('what is said to Postgres', () => {
  it('is read whatever way the bytes are cut, plain and prepared', () => {
    const said: string[] = [];
    const read = readStatements((text) => void said.push(text));
    const bytes = Buffer.concat([
      message('', 'start'),
      message('Q', 'BEGIN\0'),
      message('P', 'one\0select 1\0\0\0'),
      message('B', '\0one\0'),
      message('S', ''),
      message('Q', 'COMMIT\0'),
    ]);
    for (const byte of bytes) read(Buffer.from([byte]));
    expect(said).toEqual(['BEGIN', 'select 1', 'COMMIT']);
  });
  it('knows what commits, and when the server is done', () => {
    const follow = followTransactions();
    const said = ['select * from ledger_apply($1)', 'START TRANSACTION', 'select * from ledger_apply($1)'];
    said.push(
      'ROLLBACK TO SAVEPOINT s',
      'select * from ledger_apply($2)',
      ' commit',
      'select ledger_apply()',
      'select commits',
    );
    const judged = said.map((text) => commits({ text, inTransaction: follow(text) }));
    expect(judged).toEqual([true, false, false, false, false, true, true, false]);
    const ready: boolean[] = [];
    readReadiness((outside) => void ready.push(outside))(Buffer.concat([message('Z', 'T'), message('Z', 'I')]));
    expect(ready).toEqual([false, true]);
  });
});

describe('a line that breaks', () => {
  it('delivers without a reply, stalls, resets, refuses and mends', async () => {
    const heard: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => (heard.push(chunk.toString()), socket.write('reply')));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    /** What comes back of a word: a reply, the end of the connection, or nothing for a while. */
    const say = (word: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(proxy.port, '127.0.0.1', () => socket.write(word));
        const end = (text: string): void => (socket.destroy(), resolve(text));
        socket.on('data', (chunk: Buffer) => end(chunk.toString()));
        socket.on('error', () => end('reset'));
        socket.setTimeout(200, () => end('silence'));
      });
    expect(await say('a')).toBe('reply');
    proxy.fault({ mute: true });
    expect(await say('b')).toBe('silence');
    proxy.fault({ stalled: true });
    expect(await say('c')).toBe('silence');
    proxy.fault({ cutAfter: 2 });
    expect(await say('d')).toBe('reset');
    proxy.cut();
    expect(await say('e')).toBe('reset');
    proxy.mend();
    expect(await say('f')).toBe('reply');
    // What was held up went on when the line was no longer stalled.
    expect(heard).toEqual(['a', 'b', 'c', 'd', 'f']);
    await proxy.close();
    server.close();
  }, 15_000);
});
