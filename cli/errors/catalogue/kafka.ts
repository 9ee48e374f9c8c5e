import { type ErrorEntry, ExitCode } from '../entry.ts';

/** What can go wrong between todoctl and a Kafka broker. */
export const kafkaErrors = {
  TODOCTL_KAFKA_UNREACHABLE: {
    exit: ExitCode.precondition,
    title: 'No Kafka broker of this environment answers',
    why: 'The environment is not deployed, the broker is starting or has ended, or something between here and there refuses the connection.',
    next: ['Run todoctl status to see whether the broker is ready.', 'Run todoctl deploy to start the environment.'],
  },
  TODOCTL_KAFKA_AUTH_REFUSED: {
    exit: ExitCode.remoteRefused,
    title: 'Kafka refused us',
    why: 'The user, the password or the mechanism is not what the broker expects, or this user may not do what was asked.',
    next: ['Check the credentials that the environment names in todoctl.yaml, and the rights of its user.'],
  },
  TODOCTL_KAFKA_REFUSED: {
    exit: ExitCode.remoteRefused,
    title: 'Kafka refused a request',
    why: "The broker answered with an error of the protocol that asking again does not change; its name stands in the message.",
    next: ["Look the name up in Kafka's protocol guide (Error Codes), and read the broker's log: todoctl logs broker."],
  },
  TODOCTL_KAFKA_MALFORMED: {
    exit: ExitCode.remoteRefused,
    title: 'What answered does not speak Kafka as we know it',
    why: 'The port belongs to another program, the listener expects TLS or SASL, the broker is older than Kafka 2.1, or its data is damaged.',
    next: ['Check host and port.', 'Where the listener speaks TLS, the environment must say so.'],
  },
  TODOCTL_TOPIC_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'This environment has no such topic',
    why: 'The name is not among the topics of the broker. Topics come from todoctl.yaml and are made by deploy.',
    next: ['Run todoctl events topics to list them.'],
  },
  TODOCTL_PARTITION_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'The topic has no such partition',
    why: 'Partitions are counted from 0.',
    next: ['Run todoctl events topics to see how many there are.'],
  },
  TODOCTL_GROUP_UNKNOWN: {
    exit: ExitCode.usage,
    title: 'No consumer group has this name',
    why: 'A group is there once a consumer has joined or committed; Kafka forgets it some days after the last one left.',
    next: ['Run todoctl events lag without a name to see them all.'],
  },
  TODOCTL_WHERE_SYNTAX: {
    exit: ExitCode.usage,
    title: 'The --where expression does not parse',
    why: 'It is made of comparisons (path = value, !=, ~, <, <=, >, >=), joined by and, or, not and parentheses.',
    next: ["Examples: --where 'data.priority=high', --where 'type ~ completed and not data.tags=home'.", 'Quote values that hold spaces: "buy milk".'],
  },
  TODOCTL_FORMAT_SYNTAX: {
    exit: ExitCode.usage,
    title: 'The --format template does not parse',
    why: 'A template is text with %-fields: %t topic, %p partition, %o offset, %k key, %T time, %h headers, %v value, %v{path} a field of a JSON value, %% a percent sign.',
    next: ["Example: --format '%p/%o %k %v{data.title}'.", 'The named formats are pretty, json and raw.'],
  },
  TODOCTL_TIME_SYNTAX: {
    exit: ExitCode.usage,
    title: 'This is neither a duration nor a time',
    why: 'A time is a duration back from now (10m, 1h30m, 2d) or an ISO 8601 time (2026-11-21, 2026-11-21T10:00, 2026-11-21T10:00:00Z); without a zone it is local.',
    next: ['Examples: --since 10m, --since 2026-11-21T10:00Z.'],
  },
  TODOCTL_TIME_IN_FUTURE: {
    exit: ExitCode.usage,
    title: '--since lies in the future',
    why: 'No event is that new yet, so there is nothing to start from.',
    next: ['Give a time in the past, or --from end to see only what comes.'],
  },
  TODOCTL_TIME_ORDER: {
    exit: ExitCode.usage,
    title: '--until lies before --since',
    why: 'The window between them is empty.',
    next: ['Swap them, or leave one out.'],
  },
  TODOCTL_EVENT_INVALID: {
    exit: ExitCode.usage,
    title: 'This event cannot be published',
    why: 'The data is not JSON, or a CloudEvent lacks what it must have.',
    next: ["Give JSON: todoctl events publish task-events --type task.created.v1 --key ID --data '{\"title\": \"milk\"}'."],
  },
} as const satisfies Record<string, ErrorEntry>;
