/** What goes over the wire in A2A 1.0, as its JSON has it. Keys that are optional are left out, never null. */

/** Where a task is. */
export type TaskState =
  | "TASK_STATE_SUBMITTED"
  | "TASK_STATE_WORKING"
  | "TASK_STATE_INPUT_REQUIRED"
  | "TASK_STATE_AUTH_REQUIRED"
  | "TASK_STATE_COMPLETED"
  | "TASK_STATE_FAILED"
  | "TASK_STATE_CANCELED"
  | "TASK_STATE_REJECTED";

/** Facts that either side adds, under names of its own. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A piece of a message or an artifact: exactly one of `text`, `raw`, `url` and `data`. */
export interface Part {
  /** Text. */
  readonly text?: string;
  /** The bytes of a file, in base64. */
  readonly raw?: string;
  /** Where a file is. It is passed on, never fetched. */
  readonly url?: string;
  /** Any JSON value, also null. */
  readonly data?: unknown;
  /** The media type of the content. */
  readonly mediaType?: string;
  /** The name of a file. */
  readonly filename?: string;
  /** Further facts. */
  readonly metadata?: Metadata;
}

/** What one side says to the other. */
export interface Message {
  /** Made by the sender. */
  readonly messageId: string;
  /** Who says it. */
  readonly role: "ROLE_USER" | "ROLE_AGENT";
  /** At least one. */
  readonly parts: readonly Part[];
  /** The conversation that it belongs to. */
  readonly contextId?: string;
  /** The task that it belongs to. */
  readonly taskId?: string;
  /** Tasks that it speaks of. */
  readonly referenceTaskIds?: readonly string[];
  /** The extensions that it makes use of. */
  readonly extensions?: readonly string[];
  /** Further facts. */
  readonly metadata?: Metadata;
}

/** A result of a task. */
export interface Artifact extends Pick<Message, "parts" | "metadata" | "extensions"> {
  /** Unique within the task. */
  readonly artifactId: string;
  /** A name for people. */
  readonly name?: string;
  /** What it is. */
  readonly description?: string;
}

/** How a task stands. */
export interface TaskStatus {
  /** Where it is. */
  readonly state: TaskState;
  /** What the agent says to it: a question, or why it failed. */
  readonly message?: Message;
  /** Since when: ISO 8601 in UTC. */
  readonly timestamp?: string;
}

/** A piece of work that an agent was given. */
export interface Task {
  /** Made by the server; with a Locus server it is the id of the run, too. */
  readonly id: string;
  /** The conversation that it belongs to. */
  readonly contextId: string;
  /** How it stands. */
  readonly status: TaskStatus;
  /** What came of it; left out if nothing did, or if it was not asked for. */
  readonly artifacts?: readonly Artifact[];
  /** What was said, oldest first. */
  readonly history?: readonly Message[];
  /** Further facts. */
  readonly metadata?: Metadata;
}

/** The status of a task has changed. */
export interface TaskStatusUpdate {
  /** Which task. */
  readonly taskId: string;
  /** Its conversation. */
  readonly contextId: string;
  /** How it stands now. */
  readonly status: TaskStatus;
  /** Further facts. */
  readonly metadata?: Metadata;
}

/** There is more of an artifact. */
export interface TaskArtifactUpdate extends Omit<TaskStatusUpdate, "status"> {
  /** The artifact, or the parts that are added to it. */
  readonly artifact: Artifact;
  /** Whether its parts come behind those that are there; else it takes the place of the artifact with its id. */
  readonly append?: boolean;
  /** Whether nothing of this artifact will follow. */
  readonly lastChunk?: boolean;
}

/** One frame of a stream: exactly one of its keys. */
export type StreamResponse =
  | { readonly task: Task }
  | { readonly message: Message }
  | { readonly statusUpdate: TaskStatusUpdate }
  | { readonly artifactUpdate: TaskArtifactUpdate };

/** The answer to `SendMessage`: the task, or a message if the agent needed none. */
export type SendMessageResponse = { readonly task: Task } | {
  readonly message: Message;
};

/** A page of tasks. */
export interface ListTasksResponse {
  /** The task that changed last comes first. */
  readonly tasks: readonly Task[];
  /** Where the next page begins; empty on the last one. */
  readonly nextPageToken: string;
  /** How many tasks a page holds at most. */
  readonly pageSize: number;
  /** How many tasks there are on all pages. */
  readonly totalSize: number;
}

/** Something that an agent can do, as its card tells it. */
export interface AgentSkill {
  /** Unique within the card. */
  readonly id: string;
  /** A name for people. */
  readonly name: string;
  /** What it is for. */
  readonly description: string;
  /** Words to find it by. */
  readonly tags: readonly string[];
  /** What one could ask. */
  readonly examples?: readonly string[];
}

/** An address that an agent is reached at. */
export interface AgentInterface {
  /** Absolute. */
  readonly url: string;
  /** `JSONRPC`, `HTTP+JSON`, or another. */
  readonly protocolBinding: string;
  /** `1.0`, or another. */
  readonly protocolVersion: string;
  /** To be named in every request, if there is one. */
  readonly tenant?: string;
}

/** An addition to the protocol that an agent knows. */
export interface AgentExtension {
  /** What it is identified by. */
  readonly uri: string;
  /** What it is for. */
  readonly description?: string;
  /** Whether a client must know it. */
  readonly required?: boolean;
  /** What it is set up with. */
  readonly params?: Metadata;
}

/** What an agent says of itself: who it is, where it is, and what it can do. */
export interface AgentCard {
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly description: string;
  /** The version of the agent. */
  readonly version: string;
  /** Where it is reached, the preferred address first. */
  readonly supportedInterfaces: readonly AgentInterface[];
  /** What it can do of the protocol. */
  readonly capabilities: {
    readonly streaming?: boolean;
    readonly pushNotifications?: boolean;
    readonly extendedAgentCard?: boolean;
    readonly extensions?: readonly AgentExtension[];
  };
  /** The media types that it takes. */
  readonly defaultInputModes: readonly string[];
  /** The media types that it answers with. */
  readonly defaultOutputModes: readonly string[];
  /** What it can do. */
  readonly skills: readonly AgentSkill[];
  /** Who it is from. */
  readonly provider?: { readonly organization: string; readonly url: string };
  /** How a client can show who it is, by name. */
  readonly securitySchemes?: Readonly<Record<string, unknown>>;
  /** Which of these it must use. */
  readonly securityRequirements?: readonly unknown[];
  /** Where its documentation is. */
  readonly documentationUrl?: string;
  /** Where a picture of it is. */
  readonly iconUrl?: string;
}
