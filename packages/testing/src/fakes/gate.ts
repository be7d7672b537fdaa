/** A door a fake waits at until the test opens it. */
export interface FakeGate {
  /** Resolves when the fake has come to the gate: all before it has been sent. */
  reached: Promise<void>;
  open(): void;
  /** Called by the fake: says that it has come, and waits. */
  pass(): Promise<void>;
}

export const createGate = (): FakeGate => {
  const arrival = Promise.withResolvers<void>();
  const opening = Promise.withResolvers<void>();
  return {
    reached: arrival.promise,
    open: () => opening.resolve(),
    pass: () => {
      arrival.resolve();
      return opening.promise;
    },
  };
};
