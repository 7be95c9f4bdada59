// What went wrong, in a sentence for the person at the page.

const sentences = {
  not_in_channel: "You are not in this channel. Join it first.",
  channel_not_found: "That conversation does not exist, or you may not see it.",
  is_archived: "This channel is archived, so nothing can be posted in it.",
  message_not_found: "That message no longer exists.",
  thread_not_found: "That thread no longer exists.",
  file_not_found: "That file no longer exists, or you may not see it.",
  file_deleted: "That file was deleted.",
  no_text: "Write something first.",
  msg_too_long: "That message is too long. Shorten it, or upload it as a file.",
  cant_update_message: "You can only edit your own messages.",
  edit_window_closed: "This message can no longer be edited.",
  cant_delete_message: "You can only delete your own messages.",
  already_reacted: "You already reacted with that emoji.",
  no_reaction: "That reaction was already taken away.",
  invalid_name: "There is no such emoji here.",
  name_taken: "There is already a channel with that name.",
  invalid_name_specials: "A channel name may hold only lower-case letters, digits, hyphens and underscores.",
  invalid_name_maxlength: "A channel name may have at most 80 characters.",
  invalid_name_required: "Give the channel a name.",
  already_in_channel: "That person is already in the channel.",
  cant_invite_self: "You are already in this channel.",
  cant_invite: "That person cannot be invited here.",
  cant_kick_self: "To go yourself, leave the channel.",
  cant_leave_general: "Nobody can leave this channel: everyone is in it.",
  last_member: "You are the last member. Archive the channel instead.",
  cant_archive_general: "This channel cannot be archived.",
  already_archived: "This channel is archived already.",
  not_authorized: "You are not allowed to do that.",
  restricted_action: "You are not allowed to do that.",
  no_permission: "You are not allowed to do that.",
  user_not_found: "That person is not in this workspace.",
  invalid_auth: "This page's sign-in is no longer valid. Reload the page.",
  ratelimited: "Too many requests at once. Wait a few seconds and try again.",
  operation_timeout: "Journeyman did not answer within 3 seconds. Is it running? Try again.",
  dispatch_failed: "Journeyman is not connected to this workspace. Start it, then try again.",
  not_supported_in_threads: "Slash commands do not work inside a thread. Use it in the channel.",
  upload_failed: "The upload did not go through. Try again.",
  unknown_command: "There is no such command here.",
  action_not_found: "That button is no longer there.",
  not_found: "That dialog is no longer open.",
  cant_kick_from_general: "Nobody can be removed from this channel: everyone is in it.",
  user_is_restricted: "Guests cannot do that.",
  too_many_users: "A group conversation holds at most nine people.",
  expired_trigger_id: "That took too long. Try again.",
  unreachable: "The workspace does not answer. Is the sandbox still running?",
  file_too_large: "That file is too large for this workspace.",
  empty_file: "That file is empty.",
  method_not_supported_for_channel_type: "That cannot be done in this kind of conversation.",
};

export class WorkspaceError extends Error {
  constructor(code) {
    super(sentences[code] ?? `That did not work (${code.replaceAll("_", " ")}).`);
    this.code = code;
    this.forPeople = true;
  }
}
