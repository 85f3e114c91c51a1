"""A simulated shop whose true preferences are known. It tests machinery and statistics; it does not show that a model is good.

The package uses nothing of how the platform recommends: no features, factors, half-lives or fits (`lint-imports` checks it).

A world is planted once (`world.World.plant`, kept by `save`, `World.load`): catalogue, calendar, shoppers. Shoppers' actions
are drawn by pure functions of a generator, rows of shoppers (`Shoppers.take`) and instants. `shop.simulate` combines them into
a whole log on the shop's own pages; live traffic, where lists come from the platform, uses the same functions:

    who = world.shoppers.take(arrivals.draw_returning(world, n, rng))   # or shoppers.draw_shoppers: new ones
    plan = sessions.plan(world, who, at_s, first_visit, rng)            # intent, leaves and looks of each mission
    day = world.calendar.day_of(at_s)                                   # after the close: the last day
    chances = choice.click_probabilities(world, who, shown, day)        # (n, places) of a list of catalogue rows, by position
    shown, filled = choice.draw_slate(world, leaf, day, rng)            # what the shop's own page of a leaf shows
    value = choice.utility(world, who, shown, day)                      # (n, places) planted utility
    choice.cart_probability(who, value, plan.intent, at_s)              # of a look
    choice.order_probability(who, plan.intent, at_s)                    # of a visit with something in the cart
    trail.think_time_s(kind_codes, rng)                                 # seconds before events of these kinds

`titles.item_ids` and `titles.user_ids` turn rows of the catalogue and of shoppers into ids. `oracle` computes the best possible
lists.
"""
