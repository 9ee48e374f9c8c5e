import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can be wrong with a platform that runs in a cluster, and with changing it there. */
export const runningErrors = {
  TODOCTL_ENTRANCE_MISSING: {
    exit: ExitCode.precondition,
    title: 'The platform has no address to enter it by',
    why: 'Its Gateway, Ingress or load balancer has been given none yet. A cloud takes some minutes; a cluster without a controller for the class never gives one.',
    next: ['Run todoctl status: the line of the gateway says what it waits for.', 'Run todoctl doctor.'],
  },
  TODOCTL_REVISION_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'There is no such revision',
    why: 'Helm keeps the last ten of the app. One that is pending or has failed is nothing to go back to.',
    next: ['Run todoctl rollback --list to see them.'],
  },
  TODOCTL_REVISION_UNUSABLE: {
    exit: ExitCode.precondition,
    title: 'That revision cannot be gone back to',
    why: 'Images of it are no longer in the registry, so its pods could not start. Nothing was changed.',
    next: ['Choose another one: todoctl rollback --list.', 'Or check the commit out and run todoctl deploy, which builds its images anew.'],
  },
  TODOCTL_SCALE_REFUSED: {
    exit: ExitCode.usage,
    title: 'The service cannot be scaled like this',
    why: 'A service with an autoscaler has bounds, one without has a number of replicas.',
    next: ['Run todoctl scale --help.'],
  },
  TODOCTL_FINALIZER_HANGS: {
    exit: ExitCode.timedOut,
    title: 'Something that was deleted does not go',
    why: 'A finalizer keeps it until its controller has cleaned up. Where that controller is gone or fails, it stays for ever.',
    next: ['See why the controller that is named does not act, and run todoctl teardown again.', 'Where the controller is gone for good: take the finalizer away with the command above.'],
  },
  TODOCTL_PODS_NOT_STARTING: {
    exit: ExitCode.precondition,
    title: 'Pods do not start',
    why: 'No node has room, an image cannot be pulled, a Secret is missing, a volume is not bound, or the program ends.',
    next: ['Follow docs/runbooks/pods-not-starting.md.'],
  },
  TODOCTL_SIDECAR_TROUBLE: {
    exit: ExitCode.precondition,
    title: 'A Dapr sidecar is missing or not well',
    why: 'Without its sidecar a service neither publishes nor gets events. The injector, its certificate, a token or a component may be the cause.',
    next: ['Follow docs/runbooks/sidecar-trouble.md.'],
  },
  TODOCTL_EVENTS_NOT_FLOWING: {
    exit: ExitCode.precondition,
    title: 'Events do not flow',
    why: 'Kafka, a topic, a user or a subscription is not ready, or a consumer is behind.',
    next: ['Follow docs/runbooks/events-not-flowing.md.'],
  },
  TODOCTL_MONITORING_BLIND: {
    exit: ExitCode.precondition,
    title: 'Monitoring does not see everything',
    why: 'What is not scraped alerts nobody: Prometheus, its operator, a monitor or the metrics of the cluster are not there.',
    next: ['Follow docs/runbooks/monitoring-blind.md.'],
  },
} as const satisfies Record<string, ErrorEntry>;
