import { UserRegistered, WorkspaceCreated } from '@atrium/contracts';
import type { Providers } from '@atrium/llm';
import { subscriber, type Subscriber } from '@atrium/service-kit';
import { createAgentService } from './agent.service.ts';

/** A new workspace begins with an agent. */
export const agentSubscribers = (providers: Providers): Subscriber[] => [
  subscriber(UserRegistered, async (unit) => {
    await createAgentService(unit, providers).ensureDefault();
  }),
  subscriber(WorkspaceCreated, async (unit) => {
    await createAgentService(unit, providers).ensureDefault();
  }),
];
