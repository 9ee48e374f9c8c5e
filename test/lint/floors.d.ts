import type { Rule } from 'eslint';

/** Says why `from` may not import `to`, both relative to the project's root; undefined when it may. */
export declare function refuse(from: string, to: string): string | undefined;
export declare const floors: Rule.RuleModule;
