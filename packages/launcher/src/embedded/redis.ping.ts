import { connect } from 'node:net';

/** Whether a Redis server answers on this machine's port with that password and has loaded its data. */
export const redisAnswers = (port: number, password: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let said = '';
    const done = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false)).once('close', () => done(false));
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
      if (said.includes('+PONG')) done(true);
      else if (said.split('\r\n').length > 2) done(false);
    });
    socket.write(`AUTH ${password}\r\nPING\r\n`);
  });
