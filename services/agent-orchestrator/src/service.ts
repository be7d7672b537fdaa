import { createProviders } from '@atrium/llm';
import { defineService } from '@atrium/service-kit';
import { AgentEntity } from './agents/agent.entity.ts';
import { agentRoutes } from './agents/agent.routes.ts';
import { createAgents } from './agents/agent.service.ts';
import { agentSubscribers } from './agents/agent.subscribers.ts';
import { AgentConfig, providersConfig } from './config.ts';
import { ConversationEntity } from './conversations/conversation.entity.ts';
import { conversationRoutes } from './conversations/conversation.routes.ts';
import { createConversations } from './conversations/conversation.service.ts';
import { MessageEntity } from './conversations/message.entity.ts';
import { erasureSteps, runEffect } from './erasure/erasure.steps.ts';
import { runGauges } from './gauges/run.gauges.ts';
import { Agent1763712000000 } from './migrations/agent.migration.ts';
import { Audit1777000000000 } from './migrations/audit.migration.ts';
import { Erasure1775000000001 } from './migrations/erasure.migration.ts';
import { RunTotals1763712000040 } from './migrations/run.totals.migration.ts';
import { createModelObserver } from './models/model.observer.ts';
import { createRunEngine } from './runs/run.engine.ts';
import { RunEntity } from './runs/run.entity.ts';
import { runJobs } from './runs/run.jobs.ts';
import { createRunRecords } from './runs/run.record.ts';
import { runRoutes } from './runs/run.routes.ts';
import { createRuns } from './runs/run.service.ts';
import { runSubscribers } from './runs/run.subscribers.ts';
import { createRunSignals } from './streaming/run.signals.ts';
import { createRunStream } from './streaming/run.stream.ts';

/** Agents, conversations and runs: what the assistant does. */
export const service = defineService({
  name: 'agent-orchestrator',
  schema: 'agent',
  config: AgentConfig,
  entities: [AgentEntity, ConversationEntity, MessageEntity, RunEntity],
  migrations: [Agent1763712000000, Erasure1775000000001, RunTotals1763712000040, Audit1777000000000],
  compose({ config, runtime, redis, connectRedis, delegation, log, metrics }) {
    const providers = createProviders({ ...providersConfig(config), observe: createModelObserver(metrics) });
    const stream = createRunStream(redis, config.QUEUE_PREFIX);
    const signals = createRunSignals(connectRedis('run-signals', true), config.QUEUE_PREFIX);
    return {
      runtime,
      erasing: { runs: runEffect(redis, config.QUEUE_PREFIX) },
      providers,
      stream,
      signals,
      agents: createAgents(runtime, providers),
      conversations: createConversations(runtime, providers),
      runs: createRuns(runtime, stream),
      engine: createRunEngine({
        records: createRunRecords(runtime),
        providers,
        delegation,
        urls: { document: config.DOCUMENT_URL, billing: config.BILLING_URL, calendar: config.CALENDAR_URL },
        maxOutputTokens: config.MAX_OUTPUT_TOKENS,
        stream,
        signals,
        log,
      }),
    };
  },
  routes: ({ agents, conversations, runs, stream, signals }) => [
    ...agentRoutes(agents),
    ...conversationRoutes(conversations),
    ...runRoutes(runs, stream, signals),
  ],
  subscribers: ({ providers, stream }) => [...agentSubscribers(providers), ...runSubscribers(stream)],
  gauges: ({ runtime }) => [runGauges(runtime)],
  jobs: ({ engine, stream }) => runJobs(engine, stream),
  erasure: { steps: erasureSteps, effects: ({ erasing }) => erasing },
});
