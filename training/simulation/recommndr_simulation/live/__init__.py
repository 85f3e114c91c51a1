"""The simulated shop as traffic: shoppers of a planted world come to a running platform, one session after the other.

visitors    who comes: shoppers of the log, new ones, guests who log in
visit       what one of them does, as a generator of acts; pure, one list in, the next act out
traffic     sessions as a Poisson process, each with its think times, against a `Storefront`
tally       what came of it
"""
