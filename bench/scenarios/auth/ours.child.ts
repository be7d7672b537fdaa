import { service } from '@atrium/auth';
import { answerCalls } from '../../harness/answer.calls.ts';

const running = await service.start(process.env);

answerCalls({ url: () => Promise.resolve(running.url) });
