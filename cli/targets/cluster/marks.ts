import type { Ground } from './ground.ts';

/** What everything of an environment carries in its cluster: known without the definition, so that what is there can be found when that is broken. */
export interface Marks {
  platform: string;
  environment: string;
  /** Namespace of the services. */
  namespace: string;
  /** Name of the Helm release of the app. */
  release: string;
  labels: Readonly<Record<string, string>>;
}

export function marksOf({ peek, given }: Pick<Ground, 'peek' | 'given'>): Marks {
  const { platform } = peek;
  return {
    platform, environment: given.environment, namespace: platform, release: platform,
    labels: { 'todoctl.io/platform': platform, 'todoctl.io/environment': given.environment },
  };
}

/** True for what bears the marks: never by a name, which a neighbour may have too. */
export function isMarked({ metadata }: { metadata: { labels?: Record<string, string> } }, { labels }: Marks): boolean {
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value);
}

/**
 * On a kind (CRD) that a deploy made and that was not there before: `<platform>/<environment>/<release that serves it>`. No label, so that
 * nothing prunes it: with a kind go all its objects.
 */
export const MADE_FOR = 'todoctl.io/made-for';

export function madeFor({ platform, environment }: Pick<Marks, 'platform' | 'environment'>, release: string): string {
  return `${platform}/${environment}/${release}`;
}
