/** The version that the laptop has; also of the tools that dump it, for an older pg_dump reads no newer server. */
export const POSTGRES_IMAGE = 'postgres:18.4';
/** Of the services, whoever runs PostgreSQL. */
export const DATABASE = { name: 'todoapp', owner: 'todo_user' } as const;
