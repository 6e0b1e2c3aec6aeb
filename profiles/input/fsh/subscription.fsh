// Subscriptions: whom the server tells of changes, and how; docs/subscribe.md.

Extension: SubscriptionStyle
Id: subscription-style
Title: "Style of notifications"
Description: "How a resource is sent: post sends it to the endpoint as R4 says, put sends it to [endpoint]/[type]/[id] as many R4 subscribers expect."
Context: Subscription.channel
* value[x] 1..1
* value[x] only code

Extension: SubscriptionLeaves
Id: subscription-leaves
Title: "Told of what leaves"
Description: "Whether the subscriber is also told of resources that meet the criteria no longer, or are deleted."
Context: Subscription.channel
* value[x] 1..1
* value[x] only boolean

Extension: SubscriptionSigning
Id: subscription-signing
Title: "Signing key"
Description: "The key that notifications are signed with, by HMAC-SHA256. It is never read back."
Context: Subscription.channel
* value[x] 1..1
* value[x] only string

Extension: SubscriptionParked
Id: subscription-parked
Title: "Parked"
Description: "Since when the server has given up on the endpoint. What the subscriber is to be told is kept until it is replayed."
Context: Subscription
* value[x] 1..1
* value[x] only instant

CodeSystem: SubscriptionCodes
Id: subscription
Title: "Events of subscriptions"
Description: "What an AuditEvent about a Subscription tells."
* insert Codes
* #delivery "Delivery" "Notifications were delivered, or could not be."

Instance: subscription-status
InstanceOf: OperationDefinition
Usage: #definition
* insert SubscriptionOperation(status, SubscriptionStatus, How far a subscriber was told, false)
* type = true
* description = "Tells how many events there were, how many were delivered, and what keeps the rest from being. On the type it tells that of many Subscriptions, in a Bundle with one Parameters each."
* insert In(id, 0, *, id, The Subscriptions to tell of\, on the type; absent all that are in force.)
* insert In(status, 0, *, code, The statuses to tell of\, on the type; absent all.)
* insert Out(subscription, 1, 1, Reference, The Subscription.)
* insert Out(status, 1, 1, code, Its status.)
* insert Out(events-since-subscription-start, 1, 1, decimal, The number of the last event.)
* insert Out(delivered, 1, 1, decimal, The number of the last event that was delivered.)
* insert Out(waiting, 1, 1, decimal, How many events wait.)
* insert Out(failures, 1, 1, decimal, How many attempts in a row have failed.)
* insert Out(error, 0, 1, string, Why the last attempt failed.)
* insert Out(failing-since, 0, 1, instant, When the first of them failed.)
* insert Out(next-attempt, 0, 1, instant, When the endpoint is called next.)

Instance: subscription-events
InstanceOf: OperationDefinition
Usage: #definition
* insert SubscriptionOperation(events, SubscriptionEvents, What a subscriber was told, false)
* description = "Lists events by their numbers, a thousand at most: those that wait, and those delivered that are still kept."
* insert In(since, 0, 1, decimal, The number of the first event to list. Where it is absent some of those delivered last come before those that wait.)
* insert In(until, 0, 1, decimal, The number of the last event to list.)
* insert Out(event, 0, *, BackboneElement, The events.)

Instance: subscription-replay
InstanceOf: OperationDefinition
Usage: #definition
* insert SubscriptionOperation(replay, ReplaySubscription, Deliver what waits, true)
* description = "Calls an endpoint that was given up, or is waited for, again, and delivers what waits. With a number it delivers from that event on, also what was delivered before."
* insert In(from, 0, 1, decimal, The number of the first event to deliver.)
* insert Out(status, 1, 1, code, The status. What else is told is that of $status.)

Instance: subscription-get-ws-binding-token
InstanceOf: OperationDefinition
Usage: #definition
* insert SubscriptionOperation(get-ws-binding-token, SubscriptionBindingToken, A token to listen by WebSocket, false)
* type = true
* description = "Gives a token with which anybody may listen to these Subscriptions by WebSocket for a short time, by saying bind-with-token and the token: for who can't authenticate there, as scripts of a web page can't."
* insert In(id, 0, *, id, The Subscriptions\, on the type.)
* insert Out(token, 1, 1, string, The token.)
* insert Out(expiration, 1, 1, dateTime, Until when it may be used.)
* insert Out(websocket-url, 1, 1, url, Where to open the WebSocket.)
* insert Out(subscription, 1, *, string, The ids of the Subscriptions.)

RuleSet: SubscriptionOperation(op, opName, opTitle, affects)
* url = "https://bima.example/fhir/OperationDefinition/subscription-{op}"
* version = "1.0.0"
* name = "{opName}"
* title = "{opTitle}"
* status = #active
* kind = #operation
* affectsState = {affects}
* code = #{op}
* resource = #Subscription
* system = false
* type = false
* instance = true
