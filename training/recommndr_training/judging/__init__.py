"""The gate: lists of the gate period against later events, simple methods and the champion."""
