/** What a plan costs, as it is offered at the checkout. */
interface PlanOffer {
  readonly name: string;
  /** Micro-units for a period. */
  readonly price: bigint;
  readonly interval: 'month' | 'year';
}

/** All that payments need to know of plans. */
export interface Plans {
  offer(plan: string): Promise<PlanOffer | undefined>;
  /** Starts or renews the workspace's plan for a period that was paid; once a source. */
  activate(plan: string, periodStart: Date, periodEnd: Date, source: string): Promise<void>;
}
