import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong between the definition and the files that are made from it. */
export const renderErrors = {
  TODOCTL_SYSTEM_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'No system has this name here',
    why: 'An environment is made of the systems that its definition asks for; only these can be picked.',
    next: ['Use one of the names that are listed.'],
  },
  TODOCTL_SOURCE_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'A source is given for a chart that is not used',
    why: 'Sources stand under the names of Helm releases. One that no system of the environment installs would be passed over, and the chart that was meant would come from the internet.',
    next: ['Use one of the names that are listed.'],
  },
  TODOCTL_FOLDER_NOT_OURS: {
    exit: ExitCode.precondition,
    title: 'The folder holds files that no render wrote',
    why: 'A render removes what an earlier one wrote and does not write any more; in a folder with other files that could hit yours.',
    next: ['Name a folder that is empty, does not exist, or was rendered to before.'],
  },
  TODOCTL_FOLDER_NOT_RENDERED: {
    exit: ExitCode.precondition,
    title: 'The folder was not written by todoctl render',
    why: 'A rendered folder has a file rendered.yaml that lists what was written.',
    next: ['Render into it first: run todoctl render with --out.'],
  },
  TODOCTL_FOLDER_OF_ANOTHER: {
    exit: ExitCode.precondition,
    title: 'The folder holds a render of another environment',
    why: 'A folder holds one environment: a render of another would remove it all, and a plan against it would compare what has nothing to do with each other.',
    next: ['Name another folder, or another environment with --env.', 'Or remove the folder, if what is in it is not needed any more.'],
  },
  TODOCTL_FILE_UNUSABLE: {
    exit: ExitCode.precondition,
    title: 'A file or folder cannot be read or written',
    why: 'It belongs to another user, the disk is full or read-only, or something else stands at its place.',
    next: ['Mend what the message says, or name another folder with --out.'],
  },
  TODOCTL_NAME_TAKEN: {
    exit: ExitCode.usage,
    title: 'The name is taken',
    why: 'What is generated never replaces what is there.',
    next: ['Choose another name, or remove the one that is there.'],
  },
  TODOCTL_KIT_MISSING: {
    exit: ExitCode.precondition,
    title: 'The project has no services/kit',
    why: 'A generated service is built on what all services share: HTTP, delivery of events, database, metrics. That lies in services/kit.',
    next: ['Run the command in a checkout of the platform.'],
  },
  TODOCTL_FILE_NOT_OURS: {
    exit: ExitCode.precondition,
    title: 'A file is there that todoctl did not write',
    why: 'What is generated replaces only what was generated before; it is known by its first line.',
    next: ['Move the file away, or name another folder with --out.'],
  },
  TODOCTL_NOTHING_TO_GENERATE: {
    exit: ExitCode.usage,
    title: 'The environment has nothing of this kind',
    why: 'What can be generated follows from the environment: Terraform is for DigitalOcean, objects of Kubernetes are for clusters.',
    next: ['Name another environment with --env.'],
  },
  TODOCTL_PLAN_LOCAL: {
    exit: ExitCode.usage,
    title: 'A plan is made for an environment in a cluster',
    why: 'On a laptop deploy itself looks what is different before it changes anything.',
    next: ['Name another environment with --env.', 'For a laptop: run todoctl deploy with --dry-run.'],
  },
  TODOCTL_TOPIC_REMOVED: {
    exit: ExitCode.precondition,
    title: 'A topic would be deleted, and its events with it',
    why: 'A topic that todoctl.yaml does not name any more would go; a topic that was renamed is one that goes and one that is empty.',
    next: ['Write the topic back into todoctl.yaml.', 'If its events may go: delete its KafkaTopic by hand first (kubectl delete kafkatopic --namespace NAMESPACE NAME).'],
  },
  TODOCTL_CONTROLLERS_CHANGED: {
    exit: ExitCode.precondition,
    title: 'The controllers of Kafka cannot change',
    why: 'Who they are is fixed when the cluster is made. Others in their place would know of no topic, and all events would be out of reach: from one broker to three and back there is no way.',
    next: ['Write kafka.brokers back into todoctl.yaml as it was.', 'For another number: make a new environment with it, and let its mirror take the events over.'],
  },
  TODOCTL_VOLUME_CHANGED: {
    exit: ExitCode.precondition,
    title: 'The volumes of Kafka cannot become what todoctl.yaml says',
    why: 'A volume keeps its class for as long as it lives, and can grow but not shrink.',
    next: ['Write kafka.storage and kafka.storageClass back into todoctl.yaml as they were.'],
  },
  TODOCTL_CAPACITY_NODES: {
    exit: ExitCode.precondition,
    title: 'The nodes have no room for the platform',
    why: 'What the pods request at their fewest replicas is more than the nodes can give at their greatest number. Pods would stay Pending, and cost money.',
    next: ['Take a bigger nodes.size or nodes.max in todoctl.yaml.', 'Or fewer replicas (scale.min), or fewer systems.'],
  },
  TODOCTL_CAPACITY_CONNECTIONS: {
    exit: ExitCode.precondition,
    title: 'The database has fewer connections than the pods would open',
    why: 'Each replica keeps a pool of connections; at full scale some replicas would be refused.',
    next: ['Let services share connections: postgres.pooled in todoctl.yaml, with provider digitalocean or external.', 'Or take a bigger postgres.size, a smaller postgres.pool, or a lower scale.max.'],
  },
} as const satisfies Record<string, ErrorEntry>;
