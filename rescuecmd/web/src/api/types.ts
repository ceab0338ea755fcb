/** The server's types by their short names. Everything comes from the OpenAPI document (schema.d.ts). */
import type { components } from "./schema";

export type Schemas = components["schemas"];

export type Text = Schemas["Text"];
export type Fix = Schemas["Fix"];
export type Operation = Schemas["Operation"];
export type Vessel = Schemas["Vessel"];
export type Victim = Schemas["Victim"];
export type Hazard = Schemas["Hazard"];
export type Zone = Schemas["Zone"];
export type Camera = Schemas["Camera"];
export type Terminal = Schemas["Terminal"];
export type Group = Schemas["Group"];
export type Gauge = Schemas["Gauge"];
export type Reading = Schemas["Reading"];
export type BodyStage = Schemas["BodyStage"];
export type Outlook = Schemas["Outlook"];
export type Push = Schemas["Push"];
export type Card = Schemas["Card"];
export type CardContent = Schemas["CardContent"];
export type Limit = Schemas["Limit"];
export type Task = Schemas["Task"];
export type Route = Schemas["Route"];
export type Waypoint = Schemas["Waypoint"];
export type Suggestion = Schemas["Suggestion"];
export type Candidate = Schemas["Candidate"];
export type Offer = Schemas["Offer"];
export type Alarm = Schemas["Alarm"];
export type Sos = Schemas["Sos"];
export type Note = Schemas["Note"];
export type Copy = Schemas["Copy"];
export type Stage = Schemas["Mark"]["step"];

export type Entities = Schemas["Entities"];
export type Collection = keyof Entities;
export type StoryLine = Schemas["StoryLine"];
export type ClockWire = Schemas["ClockWire"];
export type Hello = Schemas["Hello"];
export type Snapshot = Schemas["Snapshot"];
export type Replay = Schemas["ReplayAnswer"];
export type StoryAnswer = Schemas["StoryAnswer"];
export type Delta = Schemas["Delta"];
export type RecordState = Snapshot["record"];
export type Moves = Schemas["Moves"];
export type DrillFrame = Schemas["DrillFrame"];
export type DrillView = Schemas["DrillView"];
export type ServerFrame = Schemas["ServerFrame"];
export type Failure = Schemas["Failure"];

export type CommandBodies = Schemas["CommandBodies"];
export type CommandName = keyof CommandBodies;
export type DeclineReason = NonNullable<Schemas["GiveReceipt"]["reason"]>;
export type TaskState = Task["state"];

export type RiverAnswer = Schemas["RiverAnswer"];
export type RiverLayers = Schemas["RiverLayers"];
export type Feature = Schemas["Feature"];
export type FeatureCollection = Schemas["FeatureCollection"];
export type DepthAnswer = Schemas["DepthAnswer"];
export type ReachAnswer = Schemas["ReachAnswer"];
export type ProfileAnswer = Schemas["ProfileAnswer"];
export type PushRequest = Schemas["PushRequest"];
export type PushAnswer = Schemas["PushAnswer"];
export type PreviewAnswer = Schemas["PreviewAnswer"];

export type EnrolAnswer = Schemas["EnrolAnswer"];
export type ChallengeAnswer = Schemas["ChallengeAnswer"];
export type SessionAnswer = Schemas["SessionAnswer"];
export type AccessAnswer = Schemas["AccessAnswer"];
export type DeviceView = Schemas["DeviceView"];
export type InviteAnswer = Schemas["InviteAnswer"];
export type InvitedAnswer = Schemas["InvitedAnswer"];
export type TicketAnswer = Schemas["TicketAnswer"];
export type CodeAnswer = Schemas["CodeAnswer"];
export type TrustAnswer = Schemas["TrustAnswer"];
export type Approval = Schemas["Approval"];
export type Share = Schemas["Share"];
