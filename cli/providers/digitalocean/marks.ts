/** How things at DigitalOcean are known as ours: by a tag, or where there are no tags (VPCs) by the same text as description. */
export const OURS = 'todoctl';

export interface Owner {
  platform: string;
  environment: string;
}

/** `todoctl:todo:prod`. */
export function markOf({ platform, environment }: Owner): string {
  return `${OURS}:${platform}:${environment}`;
}

/** Whose a mark is; undefined where it is none of ours. */
export function ownerOf(mark: string): Owner | undefined {
  const [ours, platform, environment, ...rest] = mark.split(':');
  return ours === OURS && platform && environment && rest.length === 0 ? { platform, environment } : undefined;
}

export function tagsOf(owner: Owner): string[] {
  return [OURS, markOf(owner)];
}

/** The name of a cluster, and of its VPC: `todo-prod`. Clusters' names are unique on an account. */
export function nameOf({ platform, environment }: Owner): string {
  return `${platform}-${environment}`;
}

/** The tag that DigitalOcean's controllers give to load balancers and volumes of a cluster. */
export function tagOfCluster(id: string): string {
  return `k8s:${id}`;
}
