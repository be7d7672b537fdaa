/** One kind of request of a load. */
export interface LoadRequest {
  readonly method: string;
  /** Whole URL; `{n}` in it or in the body is a number of its own each time. */
  readonly url: string;
  readonly body?: string;
  /** How many of this kind for one of each other, about. */
  readonly share: number;
}

/** What is sent, and how. */
export interface LoadPlan {
  /** Open loop: so many a second, whether they are answered or not. Or closed: so many clients, each one after the other. */
  readonly perSecond?: number;
  readonly clients?: number;
  readonly seconds: number;
  readonly requests: readonly LoadRequest[];
  readonly tokens: readonly string[];
  /** How often what failed is sent again, at once; none when absent. */
  readonly retries?: number;
  /** When a client gives up on a try; ms. */
  readonly patienceMs?: number;
  readonly seed: number;
}

/** What came of each request, in the order in which they ended; the arrays are of one length. */
export interface LoadResult {
  /** Which of the plan's requests it was. */
  readonly kind: Uint8Array;
  /** When it was to be sent, from the beginning of the load; ms. */
  readonly at: Float64Array;
  /** From the moment it was to be sent to the end of its answer, tries that failed included; ms. */
  readonly took: Float64Array;
  /** From the moment the last try was sent to the end of its answer; ms. */
  readonly answered: Float64Array;
  /** Of the last try; 0: none within the client's patience. */
  readonly status: Int16Array;
  /** Whether the last answer said when to come again. */
  readonly told: Uint8Array;
  /** Requests sent, tries that followed a failure included. */
  readonly tries: number;
  /** How late requests were sent, at worst: the generator's own fault; ms. */
  readonly lateMs: number;
}
