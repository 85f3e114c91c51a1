"""Live traffic: shoppers of a planted world visit a running platform.

visitors    who comes: shoppers of the log, new ones, guests who log in
visit       what one visitor does, as a generator of acts; pure: a list goes in, the next act comes out
traffic     sessions as a Poisson process with think times, against a `Storefront`
tally       counts of what happened
"""
