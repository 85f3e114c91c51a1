"""Releases of code: one slot's process is replaced by other code, and all shops try it as they try a model.

record        the record of the installation: phase, which code each slot runs
advance       the state machine; pure
moves         moves that people ask for; pure
follow        the tenants' records as the code release has them; pure
hearing       the verdicts on all shops as one; pure
store         the record on disk
processes     supervisord, which restarts a slot's process
tick          one look: records, verdicts, effects
made_moves    moves on the stored record, audited
api, command  the same moves by HTTP and on the command line
"""
