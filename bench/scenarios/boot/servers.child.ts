import { answerCalls } from '../../harness/answer.calls.ts';
import { startServers } from '../../infra/servers.ts';

const servers = await startServers({ env: process.env, say: () => undefined });

answerCalls({
  ready: () => Promise.resolve(true),
  close: () => servers.stop(),
});
