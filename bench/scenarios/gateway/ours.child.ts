import { gateway } from '@atrium/gateway';
import { answerCalls } from '../../harness/answer.calls.ts';

const running = await gateway.start(process.env);

answerCalls({ url: () => Promise.resolve(running.url) });
