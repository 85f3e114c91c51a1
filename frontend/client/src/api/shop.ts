// Generated from docs/openapi.json by `npm run api`.

export interface paths {
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one event or a list of 1-500
         * @description Answers 202 after Kafka has acknowledged. In a list, an invalid event is refused alone.
         */
        post: operations["post_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/frequently_bought_together": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Frequently Bought Together
         * @description What is in one basket with these items more often than chance lets expect, with the evidence; else similar items.
         */
        get: operations["frequently_bought_together"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Items
         * @description A page of items in stock, in the order of their ids.
         */
        get: operations["list_items"];
        /**
         * Write 1-1,000 whole items; if one is invalid, none is written
         * @description A 400 names up to 20 wrong fields by their position in the list.
         */
        put: operations["put_items"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{item_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Item
         * @description One item of the catalogue, with whether it is in stock.
         */
        get: operations["get_item"];
        put?: never;
        post?: never;
        /**
         * Delete an item from the catalogue
         * @description Deleting an item that does not exist is accepted too.
         */
        delete: operations["delete_item"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{item_id}/availability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Set whether an item is in stock
         * @description An item out of stock is in no list after 2 s. 404 for an item that is not in the catalogue: put it first.
         */
        patch: operations["patch_availability"];
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Models
         * @description The version that serves the caller's tenant in this slot: since when, release weights, metrics of the bundle.
         */
        get: operations["get_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/popular": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Popular
         * @description Best-sellers of now, within the filters; with a context, those of shoppers in the same place or with the same device.
         */
        get: operations["popular"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recommend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Recommend By Query
         * @description The same as `POST /recommend`, as a query.
         */
        get: operations["recommend_by_query"];
        put?: never;
        /**
         * Recommend
         * @description The shopper's list; `ladder` says which parts were unavailable. Only a slot that has just started may answer 503.
         */
        post: operations["recommend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recommend/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Recommend Batch
         * @description The lists of one page in one call, as of one instant; no item is in two of them. Each is as `POST /recommend` has it.
         */
        post: operations["recommend_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The shop's business rules
         * @description All rules by id, with those that are over or not yet in force. Another slot may be a second behind.
         */
        get: operations["list_rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rules/{rule_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set a business rule, or replace the one of this id
         * @description All slots follow within seconds. `warnings` names what the catalogue does not have yet; the rule holds once it does.
         *
         *     Needs a server key with the scope catalogue.
         */
        put: operations["set_rule"];
        post?: never;
        /**
         * Remove a business rule
         * @description All slots follow within seconds. Needs a server key with the scope catalogue.
         */
        delete: operations["remove_rule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search
         * @description Items in stock that have the words of the query, whatever their case, accents and small typos.
         *
         *     If no item has all words, `matched` is `some`, and those with the most of them are found.
         */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/similar_items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Similar Items
         * @description Items similar to one item; if the bundle does not have the item, best-sellers of its category.
         */
        get: operations["similar_items"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A token for one shopper's browser, 15 minutes
         * @description For the shop's own server, whose key needs the scopes read and events. The shop decides who its shopper is.
         */
        post: operations["post_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/trending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Trending
         * @description What rises: items with more events lately than their longer habit lets expect; best-sellers follow.
         */
        get: operations["trending"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A shopper's data
         * @description The stored profile of a shopper and of the guests that became this shopper, and where something is kept until when.
         *
         *     Needs a key with all scopes. `DELETE /users/{id}` erases the shopper; guests are shoppers of their own.
         */
        get: operations["get_user"];
        put?: never;
        post?: never;
        /**
         * Erase a shopper's history and profile
         * @description Everything that was acknowledged before is forgotten; what comes later starts anew. An unknown shopper is accepted too.
         *
         *     Needs a key with all scopes. `recommndr erase --report` shows where something is left, and until when.
         */
        delete: operations["delete_user"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Availability
         * @description Whether an item is in stock; no record means it is.
         */
        Availability: {
            /** Available */
            available: boolean;
        };
        /**
         * BatchAnswer
         * @description The lists of a page, in the order of the request.
         */
        BatchAnswer: {
            /** Lists */
            lists: components["schemas"]["PageList"][];
            /** Took Ms */
            took_ms: number;
        };
        /**
         * BatchRequest
         * @description `POST /recommend/batch`: the lists of one page, of one shopper.
         */
        BatchRequest: {
            /**
             * Cart
             * @description items in the cart: never in the list, nor others of their groups; they count as the shopper's newest actions
             * @default []
             */
            cart?: string[];
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["ShopperContext"];
            /**
             * Lists
             * @description in the order of the page; no item is in two of them
             */
            lists: components["schemas"]["Rail"][];
            /** User Id */
            user_id: string;
            /**
             * Viewed
             * @description items looked at in this visit, newest first, if no events tell of them; enough for a shopper without a history
             * @default []
             */
            viewed?: string[];
        };
        /**
         * Block
         * @description The items, and all others of their groups of colours and sizes, are in no list.
         */
        Block: {
            /**
             * End
             * @description and until this instant
             * @default null
             */
            end?: string | number | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "block";
            /**
             * Reason
             * @description why; it is kept with the rule and in the audit log
             */
            reason: string;
            /**
             * Start
             * @description the rule holds from this instant on
             * @default null
             */
            start?: string | number | null;
            target: components["schemas"]["Target"];
        };
        /**
         * Boost
         * @description An item counts as `factor` times closer to the top: with 2, the item of place 10 competes with that of place 5.
         */
        Boost: {
            /**
             * End
             * @description and until this instant
             * @default null
             */
            end?: string | number | null;
            /** Factor */
            factor: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "boost";
            /**
             * Reason
             * @description why; it is kept with the rule and in the audit log
             */
            reason: string;
            /**
             * Start
             * @description the rule holds from this instant on
             * @default null
             */
            start?: string | number | null;
            target: components["schemas"]["Target"];
        };
        /**
         * BrandCount
         * @description A brand.
         */
        BrandCount: {
            /** Brand */
            brand: string;
            /** N Items */
            n_items: number;
        };
        /**
         * Bury
         * @description The opposite of a boost: with 2, the item of place 5 competes with that of place 10.
         */
        Bury: {
            /**
             * End
             * @description and until this instant
             * @default null
             */
            end?: string | number | null;
            /** Factor */
            factor: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "bury";
            /**
             * Reason
             * @description why; it is kept with the rule and in the audit log
             */
            reason: string;
            /**
             * Start
             * @description the rule holds from this instant on
             * @default null
             */
            start?: string | number | null;
            target: components["schemas"]["Target"];
        };
        /**
         * Cap
         * @description At most so many places for the items of `target`, or for those of each brand or category.
         */
        Cap: {
            /** At Most */
            at_most: number;
            /**
             * End
             * @description and until this instant
             * @default null
             */
            end?: string | number | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "cap";
            /**
             * Per
             * @description of each; a category is the whole path
             * @default null
             */
            per?: ("brand" | "category") | null;
            /**
             * Reason
             * @description why; it is kept with the rule and in the audit log
             */
            reason: string;
            /**
             * Start
             * @description the rule holds from this instant on
             * @default null
             */
            start?: string | number | null;
            /** @default null */
            target?: components["schemas"]["Target"] | null;
        };
        /**
         * CatalogItem
         * @description One item of a tenant's catalogue.
         */
        CatalogItem: {
            /**
             * Available From
             * @default null
             */
            available_from?: string | null;
            /**
             * Available Until
             * @default null
             */
            available_until?: string | null;
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category Path
             * @description root first, leaf last
             * @default []
             */
            category_path?: string[];
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /**
             * Group Id
             * @description parent of colours and sizes
             * @default null
             */
            group_id?: string | null;
            /**
             * Image Url
             * @description http:// or https://
             * @default null
             */
            image_url?: string | null;
            /** Item Id */
            item_id: string;
            /**
             * Price Minor
             * @default null
             */
            price_minor?: number | null;
            /**
             * Tags
             * @default []
             */
            tags?: string[];
            /** Title */
            title: string;
        };
        /**
         * CategoryCount
         * @description A category one level below the searched one.
         */
        CategoryCount: {
            /**
             * Category
             * @description the path from the root, as `category` of a search takes it
             */
            category: string[];
            /** N Items */
            n_items: number;
        };
        /**
         * ClientIdentify
         * @description A guest logged in as `user_id`; the guest's state is merged into the user's.
         */
        ClientIdentify: {
            /**
             * Attribution
             * @description token of the answer that led here
             * @default null
             */
            attribution?: string | null;
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "page": null,
             *       "referrer": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Event Id
             * Format: uuid
             * @description chosen by the client; a repeat is the same event
             */
            event_id: string;
            /** Guest Id */
            guest_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "identify";
            /**
             * Lines
             * @default []
             */
            lines?: unknown[];
            /**
             * Occurred At
             * @description by the client's clock: ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or a text
             */
            occurred_at: string | number;
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version?: 1;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /** User Id */
            user_id: string;
        };
        /**
         * ClientInteraction
         * @description An action with items.
         */
        ClientInteraction: {
            /**
             * Attribution
             * @description token of the answer that led here
             * @default null
             */
            attribution?: string | null;
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "page": null,
             *       "referrer": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Event Id
             * Format: uuid
             * @description chosen by the client; a repeat is the same event
             */
            event_id: string;
            /** Kind */
            kind: ("view" | "click" | "add_to_cart" | "purchase" | "favorite" | "like" | "share" | "dislike" | "remove_from_cart" | "impression") | string;
            /** Lines */
            lines: components["schemas"]["Line"][];
            /**
             * Occurred At
             * @description by the client's clock: ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or a text
             */
            occurred_at: string | number;
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version?: 1;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /** User Id */
            user_id: string;
        };
        /**
         * ClientSearch
         * @description A shopper searched.
         */
        ClientSearch: {
            /**
             * Attribution
             * @description token of the answer that led here
             * @default null
             */
            attribution?: string | null;
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "page": null,
             *       "referrer": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Event Id
             * Format: uuid
             * @description chosen by the client; a repeat is the same event
             */
            event_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "search";
            /**
             * Lines
             * @default []
             */
            lines?: unknown[];
            /**
             * Occurred At
             * @description by the client's clock: ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or a text
             */
            occurred_at: string | number;
            /** Query */
            query: string;
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version?: 1;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /** User Id */
            user_id: string;
        };
        /**
         * CompanionItem
         * @description One place of a list of what is bought together.
         */
        CompanionItem: {
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category Path
             * @default null
             */
            category_path?: string[] | null;
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /**
             * @description absent where the list is made in another way
             * @default null
             */
            evidence?: components["schemas"]["Evidence"] | null;
            /**
             * @description with `explain`
             * @default null
             */
            explanation?: components["schemas"]["Explanation"] | null;
            /**
             * Group Id
             * @default null
             */
            group_id?: string | null;
            /**
             * Image Url
             * @default null
             */
            image_url?: string | null;
            /** Item Id */
            item_id: string;
            /**
             * Price Minor
             * @default null
             */
            price_minor?: number | null;
            /** Rank */
            rank: number;
            /** Reason */
            reason: string;
            /** Score */
            score: number;
            /** Sources */
            sources: string[];
            /**
             * Tags
             * @default null
             */
            tags?: string[] | null;
            /**
             * Title
             * @default null
             */
            title?: string | null;
        };
        /**
         * Context
         * @description Where the shopper was; every field may be missing.
         */
        Context: {
            /**
             * Country
             * @description ISO 3166-1 alpha-2
             * @default null
             */
            country?: string | null;
            /**
             * Device
             * @default null
             */
            device?: string | null;
            /**
             * Os
             * @default null
             */
            os?: string | null;
            /**
             * Page
             * @default null
             */
            page?: string | null;
            /**
             * Referrer
             * @default null
             */
            referrer?: string | null;
            /**
             * Region
             * @description ISO 3166-2 as in DE-BY, or the shop's own name of it
             * @default null
             */
            region?: string | null;
        };
        /**
         * ErasureAccepted
         * @description Kafka has acknowledged the erasure.
         */
        ErasureAccepted: {
            /** Event Id */
            event_id: string;
            /** Status */
            status: number;
        };
        /**
         * EventAccepted
         * @description Kafka has acknowledged the event.
         */
        EventAccepted: {
            /** Event Id */
            event_id: string;
            /** Status */
            status: number;
        };
        /**
         * EventOutcome
         * @description One event of a list: accepted if `status` is 202, otherwise `problem` has the reason.
         */
        EventOutcome: {
            /** Event Id */
            event_id: string | null;
            /** @default null */
            problem?: components["schemas"]["ProblemAnswer"] | null;
            /** Status */
            status: number;
        };
        /**
         * EventOutcomes
         * @description One outcome per event of a list, in order.
         */
        EventOutcomes: {
            /** Results */
            results: components["schemas"]["EventOutcome"][];
        };
        /**
         * Evidence
         * @description The baskets that prove a place.
         */
        Evidence: {
            /**
             * Baskets
             * @description with both items
             */
            baskets: number;
            /**
             * Lift
             * @description baskets with both, by those that chance lets expect
             */
            lift: number;
            /**
             * Lift Interval
             * @description 95 % interval of the lift; above 1
             */
            lift_interval: [
                number,
                number
            ];
            /**
             * Share
             * @description of the baskets with that item
             */
            share: number;
            /**
             * With Item Id
             * @description the asked item that the evidence is about: that with the largest share
             */
            with_item_id: string;
        };
        /**
         * Experiment
         * @description The release and the arm that answered.
         */
        Experiment: {
            /**
             * Arm
             * @enum {string}
             */
            arm: "stable" | "challenger" | "previous" | "none";
            /** Name */
            name: string | null;
        };
        /**
         * Explanation
         * @description How often the shopper ordered an item; with `explain=inputs` also the ranker's inputs.
         */
        Explanation: {
            /**
             * Days Between Orders
             * @description mean; null before the second order
             */
            days_between_orders: number | null;
            /**
             * Inputs
             * @default null
             */
            inputs?: {
                [key: string]: number | null;
            } | null;
            /**
             * Orders
             * @description null if no ranker scored the item
             */
            orders: number | null;
            /**
             * Rank By Score
             * @description with business rules: the rank without them; null for a pinned item that nothing proposed
             * @default null
             */
            rank_by_score?: number | null;
            /**
             * Retrievers
             * @description each retriever's score
             * @default null
             */
            retrievers?: {
                [key: string]: number;
            } | null;
        };
        /**
         * FieldProblem
         * @description One field that is not as expected.
         */
        FieldProblem: {
            /** Expected */
            expected: string;
            /** Field */
            field: string;
            /** Value */
            value: string;
        };
        /**
         * Filters
         * @description Which items may be in the list.
         */
        Filters: {
            /**
             * Available
             * @default true
             */
            available?: boolean;
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category
             * @description only items whose category path begins with these names, root first
             * @default []
             */
            category?: string[];
            /**
             * Price Max
             * @description in minor units
             * @default null
             */
            price_max?: number | null;
            /**
             * Price Min
             * @description in minor units
             * @default null
             */
            price_min?: number | null;
        };
        /**
         * GuestProfile
         * @description A guest that became this shopper.
         */
        GuestProfile: {
            profile: components["schemas"]["ShopperProfile"];
            /** User Id */
            user_id: string;
        };
        /**
         * ItemBundle
         * @description The asked items with the first two of the list.
         */
        ItemBundle: {
            /** Currency */
            currency: string | null;
            /** Item Ids */
            item_ids: string[];
            /**
             * Price Minor
             * @description of all; null if one has no price, or another currency
             */
            price_minor: number | null;
        };
        /**
         * ItemPage
         * @description A page of the catalogue; `next_cursor` is null on the last page.
         */
        ItemPage: {
            /** Items */
            items: components["schemas"]["ShownItem"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * ItemsAccepted
         * @description Kafka has acknowledged the items.
         */
        ItemsAccepted: {
            /** Accepted */
            accepted: number;
            /** Status */
            status: number;
        };
        /**
         * KeptPlace
         * @description A place that may hold something of the shopper.
         */
        KeptPlace: {
            /** Holds */
            holds: string;
            /** Place */
            place: string;
            /** Until */
            until: string;
        };
        /**
         * KindCounter
         * @description Decayed sums of one kind of action, by half-life, as of the newest one.
         */
        KindCounter: {
            /** Kind */
            kind: string;
            /**
             * Newest At
             * Format: date-time
             */
            newest_at: string;
            /** Sums */
            sums: {
                [key: string]: number;
            };
        };
        /**
         * KnownShopper
         * @description The profile of a shopper.
         */
        KnownShopper: {
            /** Country */
            country: string | null;
            /** Device */
            device: string | null;
            /** N Events */
            n_events: number;
            /** Os */
            os: string | null;
            /** Region */
            region: string | null;
        };
        /**
         * LastContext
         * @description Where the shopper was last.
         */
        LastContext: {
            /** Country */
            country: string | null;
            /** Device */
            device: string | null;
            /** Os */
            os: string | null;
            /** Region */
            region: string | null;
        };
        /**
         * Line
         * @description One item of an event; the unit of item states and of weights.
         */
        Line: {
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /** Item Id */
            item_id: string;
            /**
             * Position
             * @description 0 = first place of the list shown
             * @default null
             */
            position?: number | null;
            /**
             * Price Minor
             * @description price of one unit in minor units of `currency`
             * @default null
             */
            price_minor?: number | null;
            /**
             * Quantity
             * @default 1
             */
            quantity?: number;
        };
        /**
         * ListAnswer
         * @description The answer of a request for one list.
         */
        ListAnswer: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["ListedItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "empty" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            /** Took Ms */
            took_ms: number;
        };
        /**
         * ListedItem
         * @description One place of a list, with the requested catalogue fields.
         */
        ListedItem: {
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category Path
             * @default null
             */
            category_path?: string[] | null;
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /**
             * @description with `explain`
             * @default null
             */
            explanation?: components["schemas"]["Explanation"] | null;
            /**
             * Group Id
             * @default null
             */
            group_id?: string | null;
            /**
             * Image Url
             * @default null
             */
            image_url?: string | null;
            /** Item Id */
            item_id: string;
            /**
             * Price Minor
             * @default null
             */
            price_minor?: number | null;
            /** Rank */
            rank: number;
            /** Reason */
            reason: string;
            /** Score */
            score: number;
            /** Sources */
            sources: string[];
            /**
             * Tags
             * @default null
             */
            tags?: string[] | null;
            /**
             * Title
             * @default null
             */
            title?: string | null;
        };
        /**
         * NotAgain
         * @description What the shopper bought within so many days is not offered, nor others of its group: all items, or those of `target`.
         */
        NotAgain: {
            /** Days */
            days: number;
            /**
             * End
             * @description and until this instant
             * @default null
             */
            end?: string | number | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "not_again";
            /**
             * Reason
             * @description why; it is kept with the rule and in the audit log
             */
            reason: string;
            /**
             * Start
             * @description the rule holds from this instant on
             * @default null
             */
            start?: string | number | null;
            /** @default null */
            target?: components["schemas"]["Target"] | null;
        };
        /**
         * PageList
         * @description A shopper's list on a page of several.
         */
        PageList: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["ListedItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "empty" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            /**
             * Rules
             * @description with `explain`, where the shop has business rules: what each did
             * @default null
             */
            rules?: components["schemas"]["RuleDone"][] | null;
            user_profile: components["schemas"]["UserProfile"];
        };
        /**
         * Pin
         * @description An item stands at a place, wherever the request allows the item.
         */
        Pin: {
            /**
             * Category
             * @description only in lists that are filtered to this category or below it
             * @default []
             */
            category?: string[];
            /**
             * End
             * @description and until this instant
             * @default null
             */
            end?: string | number | null;
            /** Item Id */
            item_id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "pin";
            /**
             * Lists
             * @description in these lists
             * @default [
             *       "recommend",
             *       "popular",
             *       "trending"
             *     ]
             */
            lists?: ("recommend" | "similar_items" | "popular" | "trending")[];
            /** Place */
            place: number;
            /**
             * Reason
             * @description why; it is kept with the rule and in the audit log
             */
            reason: string;
            /**
             * Start
             * @description the rule holds from this instant on
             * @default null
             */
            start?: string | number | null;
        };
        /**
         * PriceCount
         * @description A range of prices in minor units, both ends included, as a search takes it; null: open.
         */
        PriceCount: {
            /** N Items */
            n_items: number;
            /** Price Max */
            price_max: number | null;
            /** Price Min */
            price_min: number | null;
        };
        /**
         * ProblemAnswer
         * @description RFC 9457; the first error's field, value and expectation are at the top level.
         */
        ProblemAnswer: {
            /** Detail */
            detail: string;
            /**
             * Errors
             * @default []
             */
            errors?: components["schemas"]["FieldProblem"][];
            /**
             * Expected
             * @default null
             */
            expected?: string | null;
            /**
             * Field
             * @default null
             */
            field?: string | null;
            /** Status */
            status: number;
            /** Title */
            title: string;
            /** Type */
            type: string;
            /**
             * Value
             * @default null
             */
            value?: string | null;
        };
        /**
         * PurchasedItem
         * @description An item to which the shop's target event happened, usually a purchase.
         */
        PurchasedItem: {
            /**
             * First At
             * Format: date-time
             */
            first_at: string;
            /** Item Id */
            item_id: string;
            /**
             * Last At
             * Format: date-time
             */
            last_at: string;
            /** N Orders */
            n_orders: number;
        };
        /**
         * Rail
         * @description One list of a page.
         */
        Rail: {
            /**
             * Diversity
             * @description 0: by score alone; 1: as different as possible, by category and brand; without it the shop's setting
             * @default null
             */
            diversity?: number | null;
            /**
             * Exclude
             * @description items to leave out, with all other items of their groups of colours and sizes
             * @default []
             */
            exclude?: string[];
            /**
             * Explain
             * @description true: how often the shopper ordered each item; `inputs` (server keys only): also ranker inputs and retriever scores
             * @default false
             */
            explain?: boolean | "inputs";
            /**
             * Fields
             * @description catalogue fields to return with each item
             * @default []
             */
            fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            /**
             * @default {
             *       "available": true,
             *       "brand": null,
             *       "category": [],
             *       "price_max": null,
             *       "price_min": null
             *     }
             */
            filters?: components["schemas"]["Filters"];
            /**
             * K
             * @description length of the list
             * @default 10
             */
            k?: number;
            /**
             * Max Per Brand
             * @description places at most for items of one brand; without it the shop's setting
             * @default null
             */
            max_per_brand?: number | null;
            /**
             * Max Per Category
             * @description places at most for items of one category (the whole path); without it the shop's setting
             * @default null
             */
            max_per_category?: number | null;
            /**
             * Scope
             * @description discover: never bought (or what the shop's lists aim at); unseen: never acted on at all; buy_again: bought before
             * @default mixed
             * @enum {string}
             */
            scope?: "mixed" | "discover" | "unseen" | "buy_again";
        };
        /**
         * RecentItem
         * @description The newest action with an item.
         */
        RecentItem: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Item Id */
            item_id: string;
            /** Kind */
            kind: string;
        };
        /**
         * RecommendAnswer
         * @description A shopper's list.
         */
        RecommendAnswer: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["ListedItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "empty" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            /**
             * Rules
             * @description with `explain`, where the shop has business rules: what each did
             * @default null
             */
            rules?: components["schemas"]["RuleDone"][] | null;
            /** Took Ms */
            took_ms: number;
            user_profile: components["schemas"]["UserProfile"];
        };
        /**
         * RecommendRequest
         * @description `POST /recommend`.
         */
        RecommendRequest: {
            /**
             * Cart
             * @description items in the cart: never in the list, nor others of their groups; they count as the shopper's newest actions
             * @default []
             */
            cart?: string[];
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["ShopperContext"];
            /**
             * Diversity
             * @description 0: by score alone; 1: as different as possible, by category and brand; without it the shop's setting
             * @default null
             */
            diversity?: number | null;
            /**
             * Exclude
             * @description items to leave out, with all other items of their groups of colours and sizes
             * @default []
             */
            exclude?: string[];
            /**
             * Explain
             * @description true: how often the shopper ordered each item; `inputs` (server keys only): also ranker inputs and retriever scores
             * @default false
             */
            explain?: boolean | "inputs";
            /**
             * Fields
             * @description catalogue fields to return with each item
             * @default []
             */
            fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            /**
             * @default {
             *       "available": true,
             *       "brand": null,
             *       "category": [],
             *       "price_max": null,
             *       "price_min": null
             *     }
             */
            filters?: components["schemas"]["Filters"];
            /**
             * K
             * @description length of the list
             * @default 10
             */
            k?: number;
            /**
             * Max Per Brand
             * @description places at most for items of one brand; without it the shop's setting
             * @default null
             */
            max_per_brand?: number | null;
            /**
             * Max Per Category
             * @description places at most for items of one category (the whole path); without it the shop's setting
             * @default null
             */
            max_per_category?: number | null;
            /**
             * Scope
             * @description discover: never bought (or what the shop's lists aim at); unseen: never acted on at all; buy_again: bought before
             * @default mixed
             * @enum {string}
             */
            scope?: "mixed" | "discover" | "unseen" | "buy_again";
            /** User Id */
            user_id: string;
            /**
             * Viewed
             * @description items looked at in this visit, newest first, if no events tell of them; enough for a shopper without a history
             * @default []
             */
            viewed?: string[];
        };
        /**
         * RemovedRule
         * @description A rule that was removed.
         */
        RemovedRule: {
            /** Rule Id */
            rule_id: string;
            /**
             * Status
             * @constant
             */
            status: "removed";
        };
        /**
         * RuleAnswer
         * @description A business rule.
         */
        RuleAnswer: {
            /** In Force */
            in_force: boolean;
            /** Rule */
            rule: components["schemas"]["Pin"] | components["schemas"]["Boost"] | components["schemas"]["Bury"] | components["schemas"]["Block"] | components["schemas"]["Cap"] | components["schemas"]["NotAgain"];
            /**
             * Rule Id
             * @description a-z, 0-9 and '-'
             */
            rule_id: string;
            /**
             * Set At
             * Format: date-time
             */
            set_at: string;
            /** Set By */
            set_by: string;
            /**
             * Warnings
             * @description what it names and the catalogue does not have; it holds for it once it does
             */
            warnings: string[];
        };
        /**
         * RuleDone
         * @description What a business rule in force did to a list.
         */
        RuleDone: {
            /**
             * Kept Out
             * @description items that it keeps out of the list; null for other kinds
             */
            kept_out: number | null;
            /**
             * Kind
             * @enum {string}
             */
            kind: "pin" | "boost" | "bury" | "block" | "cap" | "not_again";
            /**
             * Ranks
             * @description of its items in the list
             */
            ranks: number[];
            /** Rule Id */
            rule_id: string;
        };
        /**
         * RulesAnswer
         * @description All business rules of the shop.
         */
        RulesAnswer: {
            /**
             * Record Version
             * @description the number of changes
             */
            record_version: number;
            /** Rules */
            rules: components["schemas"]["RuleAnswer"][];
        };
        /**
         * RunningRelease
         * @description The release of the shop's versions.
         */
        RunningRelease: {
            /** Id */
            id: string;
            /** Phase */
            phase: string;
            /**
             * Weights
             * @description hundredths of a percent of the traffic, by slot
             */
            weights: {
                [key: string]: number;
            };
        };
        /**
         * SearchFacets
         * @description What the search can be narrowed by; brands and prices as if none of them were chosen.
         */
        SearchFacets: {
            /**
             * Brands
             * @description at most 50, the most frequent first
             */
            brands: components["schemas"]["BrandCount"][];
            /**
             * Categories
             * @description at most 50, the most frequent first
             */
            categories: components["schemas"]["CategoryCount"][];
            /**
             * Prices
             * @description from low to high; about as many items in each
             */
            prices: components["schemas"]["PriceCount"][];
        };
        /**
         * SearchPage
         * @description A page of what a search found.
         */
        SearchPage: {
            /** @description null without `facets=true` */
            facets: components["schemas"]["SearchFacets"] | null;
            /** Items */
            items: components["schemas"]["ShownItem"][];
            /**
             * Matched
             * @description words of `q` that the items have; some: no item has all; null without words
             */
            matched: ("all" | "some" | "none") | null;
            /** Next Cursor */
            next_cursor: string | null;
            /**
             * Total
             * @description items of all pages
             */
            total: number;
        };
        /**
         * ServedVersion
         * @description The version that this slot serves to the caller's shop; null where there is none yet.
         */
        ServedVersion: {
            /**
             * Arm
             * @enum {string}
             */
            arm: "stable" | "challenger" | "previous" | "none";
            /**
             * Metrics
             * @description how the version was judged before it was released
             */
            metrics: {
                [key: string]: number;
            };
            /** Model Version */
            model_version: number | null;
            release: components["schemas"]["RunningRelease"] | null;
            /** Since */
            since: string | null;
            /** Slot */
            slot: string;
            /** Tenant */
            tenant: string;
            trained: components["schemas"]["TrainingData"] | null;
            /** Version */
            version: string | null;
        };
        /**
         * ShopperContext
         * @description The shopper's current context; replaces stored values.
         */
        ShopperContext: {
            /**
             * Country
             * @description ISO 3166-1 alpha-2
             * @default null
             */
            country?: string | null;
            /**
             * Device
             * @default null
             */
            device?: string | null;
            /**
             * Os
             * @default null
             */
            os?: string | null;
            /**
             * Region
             * @description the user id of the shop's events
             * @default null
             */
            region?: string | null;
        };
        /**
         * ShopperData
         * @description What the platform keeps of a shopper.
         */
        ShopperData: {
            /** Guests */
            guests: components["schemas"]["GuestProfile"][];
            /** Kept */
            kept: components["schemas"]["KeptPlace"][];
            profile: components["schemas"]["ShopperProfile"];
            /** User Id */
            user_id: string;
        };
        /**
         * ShopperProfile
         * @description The stored profile of one id.
         */
        ShopperProfile: {
            context: components["schemas"]["LastContext"];
            /** Counters */
            counters: components["schemas"]["KindCounter"][];
            /** N Events */
            n_events: number;
            /**
             * N Owned
             * @description items ever purchased, kept as fingerprints; null for more than 511
             */
            n_owned: number | null;
            /**
             * N Seen
             * @description items with any other action, kept as fingerprints; null for more than 511
             */
            n_seen: number | null;
            /**
             * Purchased
             * @description up to 500 items
             */
            purchased: components["schemas"]["PurchasedItem"][];
            /**
             * Recent
             * @description up to 50 items, newest first
             */
            recent: components["schemas"]["RecentItem"][];
        };
        /**
         * ShownItem
         * @description A catalogue item and whether it is in stock now.
         */
        ShownItem: {
            /** Available */
            available: boolean;
            /**
             * Available From
             * @default null
             */
            available_from?: string | null;
            /**
             * Available Until
             * @default null
             */
            available_until?: string | null;
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category Path
             * @description root first, leaf last
             * @default []
             */
            category_path?: string[];
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /**
             * Group Id
             * @description parent of colours and sizes
             * @default null
             */
            group_id?: string | null;
            /**
             * Image Url
             * @description http:// or https://
             * @default null
             */
            image_url?: string | null;
            /** Item Id */
            item_id: string;
            /**
             * Price Minor
             * @default null
             */
            price_minor?: number | null;
            /**
             * Tags
             * @default []
             */
            tags?: string[];
            /** Title */
            title: string;
        };
        /**
         * Target
         * @description Which items a rule is about: exactly one of the three.
         */
        Target: {
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category
             * @description items whose category path begins with these names, root first
             * @default []
             */
            category?: string[];
            /**
             * Items
             * @default []
             */
            items?: string[];
        };
        /**
         * TogetherAnswer
         * @description What is bought together.
         */
        TogetherAnswer: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            /** @description null without evidence */
            bundle: components["schemas"]["ItemBundle"] | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["CompanionItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "empty" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            /** Took Ms */
            took_ms: number;
        };
        /**
         * TokenAnswer
         * @description A token, sent as `Authorization: Bearer <token>`, and its expiry.
         */
        TokenAnswer: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Expires In S */
            expires_in_s: number;
            /** Token */
            token: string;
        };
        /**
         * TokenRequest
         * @description `POST /tokens`.
         */
        TokenRequest: {
            /**
             * User Id
             * @description the shopper's id, as in the shop's events
             */
            user_id: string;
        };
        /**
         * TrainingData
         * @description What the version was trained on.
         */
        TrainingData: {
            /** N Items */
            n_items: number;
            /** N Lines */
            n_lines: number;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Until
             * Format: date-time
             */
            until: string;
        };
        /**
         * UserProfile
         * @description The stored values (null if unreadable), the used values, and which fields of the context replaced stored ones.
         */
        UserProfile: {
            /** Overrides Applied */
            overrides_applied: string[];
            stored: components["schemas"]["KnownShopper"] | null;
            used: components["schemas"]["KnownShopper"] | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    post_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": (components["schemas"]["ClientInteraction"] | components["schemas"]["ClientSearch"] | components["schemas"]["ClientIdentify"]) | (components["schemas"]["ClientInteraction"] | components["schemas"]["ClientSearch"] | components["schemas"]["ClientIdentify"])[];
            };
        };
        responses: {
            /** @description The event is in Kafka */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "event_id": "0b0f3c1e-7a54-4d0e-9d5b-2f4f6f1a8c11",
                     *       "status": 202
                     *     }
                     */
                    "application/json": components["schemas"]["EventAccepted"];
                };
            };
            /** @description A list: one status (202, 400, 403, 413, 429, 503) per event, in order, even when all are 202 */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "event_id": "0b0f3c1e-7a54-4d0e-9d5b-2f4f6f1a8c11",
                     *           "status": 202
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["EventOutcomes"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "lines.0.quantity: got 0, expected greater than or equal to 1",
                     *       "errors": [
                     *         {
                     *           "expected": "greater than or equal to 1",
                     *           "field": "lines.0.quantity",
                     *           "value": "0"
                     *         }
                     *       ],
                     *       "expected": "greater than or equal to 1",
                     *       "field": "lines.0.quantity",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "0"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The shop or the shopper has used up its budget: send it again after retry-after */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    frequently_bought_together: {
        parameters: {
            query: {
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
                /** @description an item, or several: those of a cart; none of them, nor others of their groups, is in the list */
                item_id: string[];
            };
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
                /** @description the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token */
                "x-recommndr-user"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *       "bundle": {
                     *         "currency": "EUR",
                     *         "item_ids": [
                     *           "milk",
                     *           "bread"
                     *         ],
                     *         "price_minor": 478
                     *       },
                     *       "experiment": {
                     *         "arm": "stable",
                     *         "name": "grocer-v7"
                     *       },
                     *       "items": [
                     *         {
                     *           "evidence": {
                     *             "baskets": 214,
                     *             "lift": 2.4,
                     *             "lift_interval": [
                     *               2.1,
                     *               2.8
                     *             ],
                     *             "share": 0.19,
                     *             "with_item_id": "milk"
                     *           },
                     *           "item_id": "bread",
                     *           "price_minor": 349,
                     *           "rank": 1,
                     *           "reason": "Often bought together",
                     *           "score": 0.236,
                     *           "sources": [
                     *             "basket"
                     *           ],
                     *           "title": "Rye bread"
                     *         }
                     *       ],
                     *       "ladder": "full",
                     *       "method_used": "bought_together",
                     *       "model_version": "20260301T120000-3f9a",
                     *       "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *       "took_ms": 1.9
                     *     }
                     */
                    "application/json": components["schemas"]["TogetherAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The catalogue does not hold this item */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    list_items: {
        parameters: {
            query?: {
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                /** @description `next_cursor` of the previous page */
                cursor?: string | null;
                limit?: number;
            };
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the catalogue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "available": true,
                     *           "brand": "Meadow",
                     *           "category_path": [
                     *             "Dairy",
                     *             "Milk"
                     *           ],
                     *           "currency": "EUR",
                     *           "image_url": "https://shop.example/milk.webp",
                     *           "item_id": "milk",
                     *           "price_minor": 129,
                     *           "tags": [
                     *             "organic"
                     *           ],
                     *           "title": "Whole milk, 1 l"
                     *         }
                     *       ],
                     *       "next_cursor": "bWlsaw"
                     *     }
                     */
                    "application/json": components["schemas"]["ItemPage"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    put_items: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CatalogItem"][];
            };
        };
        responses: {
            /** @description Written */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "status": 202
                     *     }
                     */
                    "application/json": components["schemas"]["ItemsAccepted"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "lines.0.quantity: got 0, expected greater than or equal to 1",
                     *       "errors": [
                     *         {
                     *           "expected": "greater than or equal to 1",
                     *           "field": "lines.0.quantity",
                     *           "value": "0"
                     *         }
                     *       ],
                     *       "expected": "greater than or equal to 1",
                     *       "field": "lines.0.quantity",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "0"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The shop or the shopper has used up its budget: send it again after retry-after */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    get_item: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The item */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "available": true,
                     *       "brand": "Meadow",
                     *       "category_path": [
                     *         "Dairy",
                     *         "Milk"
                     *       ],
                     *       "currency": "EUR",
                     *       "image_url": "https://shop.example/milk.webp",
                     *       "item_id": "milk",
                     *       "price_minor": 129,
                     *       "tags": [
                     *         "organic"
                     *       ],
                     *       "title": "Whole milk, 1 l"
                     *     }
                     */
                    "application/json": components["schemas"]["ShownItem"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The catalogue does not hold this item */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    delete_item: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Written */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "status": 202
                     *     }
                     */
                    "application/json": components["schemas"]["ItemsAccepted"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "lines.0.quantity: got 0, expected greater than or equal to 1",
                     *       "errors": [
                     *         {
                     *           "expected": "greater than or equal to 1",
                     *           "field": "lines.0.quantity",
                     *           "value": "0"
                     *         }
                     *       ],
                     *       "expected": "greater than or equal to 1",
                     *       "field": "lines.0.quantity",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "0"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The shop or the shopper has used up its budget: send it again after retry-after */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    patch_availability: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Availability"];
            };
        };
        responses: {
            /** @description Written */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "status": 202
                     *     }
                     */
                    "application/json": components["schemas"]["ItemsAccepted"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "lines.0.quantity: got 0, expected greater than or equal to 1",
                     *       "errors": [
                     *         {
                     *           "expected": "greater than or equal to 1",
                     *           "field": "lines.0.quantity",
                     *           "value": "0"
                     *         }
                     *       ],
                     *       "expected": "greater than or equal to 1",
                     *       "field": "lines.0.quantity",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "0"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The catalogue does not hold this item */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The shop or the shopper has used up its budget: send it again after retry-after */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    get_models: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "arm": "stable",
                     *       "metrics": {
                     *         "ndcg_at_10": 0.335
                     *       },
                     *       "model_version": 7,
                     *       "release": {
                     *         "id": "grocer-v7",
                     *         "phase": "STEADY",
                     *         "weights": {
                     *           "blue": 10000,
                     *           "green": 0
                     *         }
                     *       },
                     *       "since": "2026-03-01T12:05:00+00:00",
                     *       "slot": "blue",
                     *       "tenant": "grocer",
                     *       "trained": {
                     *         "n_items": 8765,
                     *         "n_lines": 512345,
                     *         "since": "2025-03-01T08:00:00+00:00",
                     *         "until": "2026-03-01T12:00:00+00:00"
                     *       },
                     *       "version": "20260301T120000-3f9a"
                     *     }
                     */
                    "application/json": components["schemas"]["ServedVersion"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    popular: {
        parameters: {
            query?: {
                device?: string | null;
                os?: string | null;
                /** @description ISO 3166-1 alpha-2 */
                country?: string | null;
                /** @description the user id of the shop's events */
                region?: string | null;
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            };
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
                /** @description the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token */
                "x-recommndr-user"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *       "experiment": {
                     *         "arm": "stable",
                     *         "name": "grocer-v7"
                     *       },
                     *       "items": [
                     *         {
                     *           "item_id": "milk",
                     *           "price_minor": 129,
                     *           "rank": 1,
                     *           "reason": "You bought this before",
                     *           "score": 0.412,
                     *           "sources": [
                     *             "buy_again",
                     *             "als"
                     *           ],
                     *           "title": "Whole milk, 1 l"
                     *         },
                     *         {
                     *           "item_id": "bread",
                     *           "price_minor": 349,
                     *           "rank": 2,
                     *           "reason": "Often bought together",
                     *           "score": 0.236,
                     *           "sources": [
                     *             "basket"
                     *           ],
                     *           "title": "Rye bread"
                     *         }
                     *       ],
                     *       "ladder": "full",
                     *       "method_used": "similar_blend",
                     *       "model_version": "20260301T120000-3f9a",
                     *       "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *       "took_ms": 1.9
                     *     }
                     */
                    "application/json": components["schemas"]["ListAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    recommend_by_query: {
        parameters: {
            query: {
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                device?: string | null;
                os?: string | null;
                /** @description ISO 3166-1 alpha-2 */
                country?: string | null;
                /** @description the user id of the shop's events */
                region?: string | null;
                user_id: string;
                /** @description items in the cart: never in the list, nor others of their groups; they count as the shopper's newest actions */
                cart?: string[];
                /** @description items looked at in this visit, newest first, if no events tell of them; enough for a shopper without a history */
                viewed?: string[];
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
                /** @description discover: never bought (or what the shop's lists aim at); unseen: never acted on at all; buy_again: bought before */
                scope?: "mixed" | "discover" | "unseen" | "buy_again";
                /** @description items to leave out, with all other items of their groups of colours and sizes */
                exclude?: string[];
                /** @description places at most for items of one category (the whole path); without it the shop's setting */
                max_per_category?: number | null;
                /** @description places at most for items of one brand; without it the shop's setting */
                max_per_brand?: number | null;
                /** @description 0: by score alone; 1: as different as possible, by category and brand; without it the shop's setting */
                diversity?: number | null;
                /** @description true: how often the shopper ordered each item; `inputs` (server keys only): also ranker inputs and retriever scores */
                explain?: boolean | "inputs";
            };
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
                /** @description the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token */
                "x-recommndr-user"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *       "experiment": {
                     *         "arm": "stable",
                     *         "name": "grocer-v7"
                     *       },
                     *       "items": [
                     *         {
                     *           "item_id": "milk",
                     *           "price_minor": 129,
                     *           "rank": 1,
                     *           "reason": "You bought this before",
                     *           "score": 0.412,
                     *           "sources": [
                     *             "buy_again",
                     *             "als"
                     *           ],
                     *           "title": "Whole milk, 1 l"
                     *         },
                     *         {
                     *           "item_id": "bread",
                     *           "price_minor": 349,
                     *           "rank": 2,
                     *           "reason": "Often bought together",
                     *           "score": 0.236,
                     *           "sources": [
                     *             "basket"
                     *           ],
                     *           "title": "Rye bread"
                     *         }
                     *       ],
                     *       "ladder": "full",
                     *       "method_used": "ranker",
                     *       "model_version": "20260301T120000-3f9a",
                     *       "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *       "took_ms": 6.2,
                     *       "user_profile": {
                     *         "overrides_applied": [
                     *           "device"
                     *         ],
                     *         "stored": {
                     *           "country": "DE",
                     *           "device": "phone",
                     *           "n_events": 41,
                     *           "os": "ios",
                     *           "region": "DE-BE"
                     *         },
                     *         "used": {
                     *           "country": "DE",
                     *           "device": "desktop",
                     *           "n_events": 41,
                     *           "os": "ios",
                     *           "region": "DE-BE"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RecommendAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    recommend: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
                /** @description the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token */
                "x-recommndr-user"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecommendRequest"];
            };
        };
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *       "experiment": {
                     *         "arm": "stable",
                     *         "name": "grocer-v7"
                     *       },
                     *       "items": [
                     *         {
                     *           "item_id": "milk",
                     *           "price_minor": 129,
                     *           "rank": 1,
                     *           "reason": "You bought this before",
                     *           "score": 0.412,
                     *           "sources": [
                     *             "buy_again",
                     *             "als"
                     *           ],
                     *           "title": "Whole milk, 1 l"
                     *         },
                     *         {
                     *           "item_id": "bread",
                     *           "price_minor": 349,
                     *           "rank": 2,
                     *           "reason": "Often bought together",
                     *           "score": 0.236,
                     *           "sources": [
                     *             "basket"
                     *           ],
                     *           "title": "Rye bread"
                     *         }
                     *       ],
                     *       "ladder": "full",
                     *       "method_used": "ranker",
                     *       "model_version": "20260301T120000-3f9a",
                     *       "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *       "took_ms": 6.2,
                     *       "user_profile": {
                     *         "overrides_applied": [
                     *           "device"
                     *         ],
                     *         "stored": {
                     *           "country": "DE",
                     *           "device": "phone",
                     *           "n_events": 41,
                     *           "os": "ios",
                     *           "region": "DE-BE"
                     *         },
                     *         "used": {
                     *           "country": "DE",
                     *           "device": "desktop",
                     *           "n_events": 41,
                     *           "os": "ios",
                     *           "region": "DE-BE"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RecommendAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    recommend_batch: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
                /** @description the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token */
                "x-recommndr-user"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRequest"];
            };
        };
        responses: {
            /** @description The lists; header x-recommndr-ladder has the lowest step of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "lists": [
                     *         {
                     *           "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *           "experiment": {
                     *             "arm": "stable",
                     *             "name": "grocer-v7"
                     *           },
                     *           "items": [
                     *             {
                     *               "item_id": "milk",
                     *               "price_minor": 129,
                     *               "rank": 1,
                     *               "reason": "You bought this before",
                     *               "score": 0.412,
                     *               "sources": [
                     *                 "buy_again",
                     *                 "als"
                     *               ],
                     *               "title": "Whole milk, 1 l"
                     *             },
                     *             {
                     *               "item_id": "bread",
                     *               "price_minor": 349,
                     *               "rank": 2,
                     *               "reason": "Often bought together",
                     *               "score": 0.236,
                     *               "sources": [
                     *                 "basket"
                     *               ],
                     *               "title": "Rye bread"
                     *             }
                     *           ],
                     *           "ladder": "full",
                     *           "method_used": "ranker",
                     *           "model_version": "20260301T120000-3f9a",
                     *           "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *           "user_profile": {
                     *             "overrides_applied": [
                     *               "device"
                     *             ],
                     *             "stored": {
                     *               "country": "DE",
                     *               "device": "phone",
                     *               "n_events": 41,
                     *               "os": "ios",
                     *               "region": "DE-BE"
                     *             },
                     *             "used": {
                     *               "country": "DE",
                     *               "device": "desktop",
                     *               "n_events": 41,
                     *               "os": "ios",
                     *               "region": "DE-BE"
                     *             }
                     *           }
                     *         },
                     *         {
                     *           "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *           "experiment": {
                     *             "arm": "stable",
                     *             "name": "grocer-v7"
                     *           },
                     *           "items": [],
                     *           "ladder": "full",
                     *           "method_used": "ranker",
                     *           "model_version": "20260301T120000-3f9a",
                     *           "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *           "user_profile": {
                     *             "overrides_applied": [
                     *               "device"
                     *             ],
                     *             "stored": {
                     *               "country": "DE",
                     *               "device": "phone",
                     *               "n_events": 41,
                     *               "os": "ios",
                     *               "region": "DE-BE"
                     *             },
                     *             "used": {
                     *               "country": "DE",
                     *               "device": "desktop",
                     *               "n_events": 41,
                     *               "os": "ios",
                     *               "region": "DE-BE"
                     *             }
                     *           }
                     *         }
                     *       ],
                     *       "took_ms": 9.8
                     *     }
                     */
                    "application/json": components["schemas"]["BatchAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    list_rules: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rules */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "record_version": 2,
                     *       "rules": [
                     *         {
                     *           "in_force": true,
                     *           "rule": {
                     *             "end": "2026-04-06T00:00:00Z",
                     *             "item_id": "easter-eggs",
                     *             "kind": "pin",
                     *             "place": 1,
                     *             "reason": "Easter"
                     *           },
                     *           "rule_id": "easter",
                     *           "set_at": "2026-03-01T05:58:12Z",
                     *           "set_by": "3f9a2b1c",
                     *           "warnings": [
                     *             "item 'easter-eggs': not in the catalogue; the rule holds for it once it is"
                     *           ]
                     *         },
                     *         {
                     *           "in_force": true,
                     *           "rule": {
                     *             "kind": "block",
                     *             "reason": "recalled",
                     *             "start": "2026-03-01T06:00:00Z",
                     *             "target": {
                     *               "items": [
                     *                 "soft-cheese"
                     *               ]
                     *             }
                     *           },
                     *           "rule_id": "recall-7",
                     *           "set_at": "2026-03-01T05:58:12Z",
                     *           "set_by": "3f9a2b1c",
                     *           "warnings": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RulesAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    set_rule: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path: {
                /** @description a-z, 0-9 and '-' */
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pin"] | components["schemas"]["Boost"] | components["schemas"]["Bury"] | components["schemas"]["Block"] | components["schemas"]["Cap"] | components["schemas"]["NotAgain"];
            };
        };
        responses: {
            /** @description The rule is set */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "in_force": true,
                     *       "rule": {
                     *         "end": "2026-04-06T00:00:00Z",
                     *         "item_id": "easter-eggs",
                     *         "kind": "pin",
                     *         "place": 1,
                     *         "reason": "Easter"
                     *       },
                     *       "rule_id": "easter",
                     *       "set_at": "2026-03-01T05:58:12Z",
                     *       "set_by": "3f9a2b1c",
                     *       "warnings": [
                     *         "item 'easter-eggs': not in the catalogue; the rule holds for it once it is"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RuleAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The rules cannot be written now: nothing changed; send the same request again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    remove_rule: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path: {
                /** @description a-z, 0-9 and '-' */
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule is removed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "rule_id": "easter",
                     *       "status": "removed"
                     *     }
                     */
                    "application/json": components["schemas"]["RemovedRule"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The shop has no rule of this id */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The rules cannot be written now: nothing changed; send the same request again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: {
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                /** @description words of titles, brands, categories, tags and ids; the last may be incomplete, each may have typos; empty: all items */
                q?: string;
                /** @description relevance: how well the words match, then popularity; items without a price come last when prices order */
                sort?: "relevance" | "popularity" | "price_up" | "price_down";
                /** @description also return categories, brands and prices to narrow the search by */
                facets?: boolean;
                /** @description `next_cursor` of the previous page */
                cursor?: string | null;
                limit?: number;
            };
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of what was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "facets": {
                     *         "brands": [
                     *           {
                     *             "brand": "Meadow",
                     *             "n_items": 6
                     *           },
                     *           {
                     *             "brand": "Alm",
                     *             "n_items": 5
                     *           }
                     *         ],
                     *         "categories": [
                     *           {
                     *             "category": [
                     *               "Dairy"
                     *             ],
                     *             "n_items": 11
                     *           },
                     *           {
                     *             "category": [
                     *               "Baby"
                     *             ],
                     *             "n_items": 3
                     *           }
                     *         ],
                     *         "prices": [
                     *           {
                     *             "n_items": 7,
                     *             "price_max": 199,
                     *             "price_min": 120
                     *           }
                     *         ]
                     *       },
                     *       "items": [
                     *         {
                     *           "available": true,
                     *           "brand": "Meadow",
                     *           "category_path": [
                     *             "Dairy",
                     *             "Milk"
                     *           ],
                     *           "currency": "EUR",
                     *           "image_url": "https://shop.example/milk.webp",
                     *           "item_id": "milk",
                     *           "price_minor": 129,
                     *           "tags": [
                     *             "organic"
                     *           ],
                     *           "title": "Whole milk, 1 l"
                     *         }
                     *       ],
                     *       "matched": "all",
                     *       "next_cursor": "MXxtaWxr",
                     *       "total": 14
                     *     }
                     */
                    "application/json": components["schemas"]["SearchPage"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    similar_items: {
        parameters: {
            query: {
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
                item_id: string;
                by?: "als" | "neighbours" | "blend";
            };
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
                /** @description the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token */
                "x-recommndr-user"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *       "experiment": {
                     *         "arm": "stable",
                     *         "name": "grocer-v7"
                     *       },
                     *       "items": [
                     *         {
                     *           "item_id": "milk",
                     *           "price_minor": 129,
                     *           "rank": 1,
                     *           "reason": "You bought this before",
                     *           "score": 0.412,
                     *           "sources": [
                     *             "buy_again",
                     *             "als"
                     *           ],
                     *           "title": "Whole milk, 1 l"
                     *         },
                     *         {
                     *           "item_id": "bread",
                     *           "price_minor": 349,
                     *           "rank": 2,
                     *           "reason": "Often bought together",
                     *           "score": 0.236,
                     *           "sources": [
                     *             "basket"
                     *           ],
                     *           "title": "Rye bread"
                     *         }
                     *       ],
                     *       "ladder": "full",
                     *       "method_used": "similar_blend",
                     *       "model_version": "20260301T120000-3f9a",
                     *       "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *       "took_ms": 1.9
                     *     }
                     */
                    "application/json": components["schemas"]["ListAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The catalogue does not hold this item */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    post_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description A token for this shopper's browser */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "expires_at": "2026-03-01T12:15:00+00:00",
                     *       "expires_in_s": 900,
                     *       "token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIifQ.c2ln"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "lines.0.quantity: got 0, expected greater than or equal to 1",
                     *       "errors": [
                     *         {
                     *           "expected": "greater than or equal to 1",
                     *           "field": "lines.0.quantity",
                     *           "value": "0"
                     *         }
                     *       ],
                     *       "expected": "greater than or equal to 1",
                     *       "field": "lines.0.quantity",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "0"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description This installation issues no tokens */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The shop or the shopper has used up its budget: send it again after retry-after */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    trending: {
        parameters: {
            query?: {
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            };
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
                /** @description the shopper of the list, as in `user_id`; a server sends it, for a browser the edge reads it from the token */
                "x-recommndr-user"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "attribution": "v1.k1.eyJ0ZW5hbnQiOiJncm9jZXIifQ.3q2-7w",
                     *       "experiment": {
                     *         "arm": "stable",
                     *         "name": "grocer-v7"
                     *       },
                     *       "items": [
                     *         {
                     *           "item_id": "milk",
                     *           "price_minor": 129,
                     *           "rank": 1,
                     *           "reason": "You bought this before",
                     *           "score": 0.412,
                     *           "sources": [
                     *             "buy_again",
                     *             "als"
                     *           ],
                     *           "title": "Whole milk, 1 l"
                     *         },
                     *         {
                     *           "item_id": "bread",
                     *           "price_minor": 349,
                     *           "rank": 2,
                     *           "reason": "Often bought together",
                     *           "score": 0.236,
                     *           "sources": [
                     *             "basket"
                     *           ],
                     *           "title": "Rye bread"
                     *         }
                     *       ],
                     *       "ladder": "full",
                     *       "method_used": "similar_blend",
                     *       "model_version": "20260301T120000-3f9a",
                     *       "request_id": "5f2c1f6f0a9b4f7e8c3d2b1a09f8e7d6",
                     *       "took_ms": 1.9
                     *     }
                     */
                    "application/json": components["schemas"]["ListAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: {
                /** @description the shop; a server sends it beside its key, for a browser the edge reads it from the token */
                "x-recommndr-tenant"?: string;
            };
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The shopper's data */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "guests": [],
                     *       "kept": [
                     *         {
                     *           "holds": "every event",
                     *           "place": "recommndr.events.v1",
                     *           "until": "72 h after it was written"
                     *         }
                     *       ],
                     *       "profile": {
                     *         "context": {
                     *           "country": "DE",
                     *           "device": "phone",
                     *           "os": "ios",
                     *           "region": "DE-BE"
                     *         },
                     *         "counters": [
                     *           {
                     *             "kind": "purchase",
                     *             "newest_at": "2026-03-01T12:00:00+00:00",
                     *             "sums": {
                     *               "120d": 1.98,
                     *               "1d": 1.13,
                     *               "1h": 1,
                     *               "30d": 1.93,
                     *               "7d": 1.74
                     *             }
                     *           }
                     *         ],
                     *         "n_events": 2,
                     *         "n_owned": 1,
                     *         "n_seen": 0,
                     *         "purchased": [
                     *           {
                     *             "first_at": "2026-02-26T12:00:00+00:00",
                     *             "item_id": "milk",
                     *             "last_at": "2026-03-01T12:00:00+00:00",
                     *             "n_orders": 2
                     *           }
                     *         ],
                     *         "recent": [
                     *           {
                     *             "at": "2026-03-01T12:00:00+00:00",
                     *             "item_id": "milk",
                     *             "kind": "purchase"
                     *           }
                     *         ]
                     *       },
                     *       "user_id": "u42"
                     *     }
                     */
                    "application/json": components["schemas"]["ShopperData"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "k: got 101, expected less than or equal to 100",
                     *       "errors": [
                     *         {
                     *           "expected": "less than or equal to 100",
                     *           "field": "k",
                     *           "value": "101"
                     *         }
                     *       ],
                     *       "expected": "less than or equal to 100",
                     *       "field": "k",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "101"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description No event of this shopper is known, or the shopper is erased */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The online store of shoppers does not answer: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    delete_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The shopper is forgotten */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "event_id": "0b0f3c1e-7a54-4d0e-9d5b-2f4f6f1a8c11",
                     *       "status": 202
                     *     }
                     */
                    "application/json": components["schemas"]["ErasureAccepted"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "lines.0.quantity: got 0, expected greater than or equal to 1",
                     *       "errors": [
                     *         {
                     *           "expected": "greater than or equal to 1",
                     *           "field": "lines.0.quantity",
                     *           "value": "0"
                     *         }
                     *       ],
                     *       "expected": "greater than or equal to 1",
                     *       "field": "lines.0.quantity",
                     *       "status": 400,
                     *       "title": "The request is not valid",
                     *       "type": "about:blank",
                     *       "value": "0"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The shop or the shopper has used up its budget: send it again after retry-after */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
}
