import {
  DocumentUsageMeasured,
  EntitlementsChanged,
  ErasureRequested,
  MemberJoined,
  UserRegistered,
  RunCompleted,
  RunFailed,
  WorkspaceCreated,
} from '@atrium/contracts';
import { describe, expect, it } from '@jest/globals';
import { checkSubscribers, subscriber } from './subscriber.ts';

const nothing = async (): Promise<void> => undefined;
const registered = subscriber(UserRegistered, nothing);
const created = subscriber(WorkspaceCreated, nothing);
const joined = subscriber(MemberJoined, nothing);
const measured = subscriber(DocumentUsageMeasured, nothing);
const entitled = subscriber(EntitlementsChanged, nothing);
const erased = subscriber(ErasureRequested, nothing);

describe('checkSubscribers', () => {
  it('accepts exactly the events that name the service', () => {
    expect(() => checkSubscribers('calendar', [registered, created, joined, erased])).not.toThrow();
    expect(() => checkSubscribers('document', [erased, entitled])).not.toThrow();
  });

  it('names what is missing, doubled and unexpected', () => {
    const check = () =>
      checkSubscribers('billing', [
        registered,
        registered,
        created,
        erased,
        measured,
        subscriber(RunCompleted, nothing),
      ]);
    expect(check).toThrow(`billing: ${RunFailed.type} has no handler; ${UserRegistered.type} has two handlers`);
    expect(() => checkSubscribers('document', [registered, erased, entitled])).toThrow('handled but not subscribed');
  });
});
