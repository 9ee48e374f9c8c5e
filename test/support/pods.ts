/** A pod as tests of a real node look at it. */
export interface Pod {
  metadata: { name: string; uid: string; labels?: Record<string, string> };
  spec: { containers: { name: string; image: string }[] };
  status: { podIP: string; containerStatuses?: ContainerStatus[]; initContainerStatuses?: ContainerStatus[] };
}

export interface ContainerStatus {
  name: string;
  containerID: string;
  ready: boolean;
}

/** Sidecars are init containers that stay. */
export function statusesOf({ status: { containerStatuses = [], initContainerStatuses = [] } }: Pod): ContainerStatus[] {
  return [...initContainerStatuses, ...containerStatuses];
}

/** All of it runs. */
export function isReady(pod: Pod): boolean {
  return statusesOf(pod).length > 0 && statusesOf(pod).every(({ ready }) => ready);
}
