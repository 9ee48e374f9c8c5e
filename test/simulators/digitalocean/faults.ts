import type { Method } from './route.ts';

/** What is to go wrong with requests that match. One thing of: a status, a connection that ends, an answer that comes late. */
export interface Fault {
  method?: Method;
  /** The whole path with `/v2`, or a pattern; any when left out. */
  path?: string | RegExp;
  /** How many requests it befalls; 1 when left out. */
  times?: number;
  /** How many matching requests are let through before. */
  after?: number;
  /** Refused with this status, nothing done. */
  status?: number;
  message?: string;
  /** Header `retry-after`, seconds. */
  retryAfter?: number;
  /** The connection ends: before anything is done, or when it is done and only the answer is lost. */
  drop?: 'request' | 'answer';
  /** Real milliseconds before the request is looked at. */
  slow?: number;
}

/** A fault and how often it has struck; `stop` takes it away. */
export interface Struck {
  readonly times: number;
  stop(): void;
}

export class Faults {
  private readonly armed: { fault: Fault; seen: number; struck: number }[] = [];

  arm(fault: Fault): Struck {
    const one = { fault, seen: 0, struck: 0 };
    this.armed.push(one);
    return {
      get times() {
        return one.struck;
      },
      stop: () => void (one.struck = Infinity),
    };
  }

  /** The first fault that befalls this request. */
  next(method: string, path: string): Fault | undefined {
    for (const one of this.armed) {
      const { fault } = one;
      if (fault.method !== undefined && fault.method !== method) continue;
      if (fault.path !== undefined && !(typeof fault.path === 'string' ? fault.path === path : fault.path.test(path))) continue;
      one.seen += 1;
      if (one.seen <= (fault.after ?? 0) || one.struck >= (fault.times ?? 1)) continue;
      one.struck += 1;
      return fault;
    }
    return undefined;
  }
}
