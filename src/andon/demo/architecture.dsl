workspace "Connected car" "How customers reach their cars from the app, and who runs what." {

    !identifiers flat

    model {
        iosCustomer = person "iOS customer" "Locks, unlocks and heats a car with an iPhone."
        androidCustomer = person "Android customer" "Locks, unlocks and heats a car with an Android phone."
        partner = person "Partner" "A workshop or fleet operator with access to cars."

        iosApp = softwareSystem "iOS app" "The app on iPhones." "Client" {
            properties {
                "telemetry.service" "ios-app"
            }
        }
        androidApp = softwareSystem "Android app" "The app on Android phones." "Client" {
            properties {
                "telemetry.service" "android-app"
            }
        }
        carFleet = softwareSystem "Cars" "Connected cars: each keeps an MQTT session and obeys commands." "Vehicle" {
            properties {
                "telemetry.service" "car-fleet"
            }
        }

        mobileBackend = softwareSystem "Mobile backend" "One backend for each app, in an account of its own." {
            iosBff = container "iOS BFF" "Backend for frontend of the iOS app." "Python, HTTP" {
                properties {
                    "telemetry.service" "mobile-bff-ios"
                    "aws.ecsService" "mobile-bff-ios"
                    "aws.accountId" "104758213690"
                    "owner" "team-mobile"
                }
            }
            androidBff = container "Android BFF" "Backend for frontend of the Android app." "Python, HTTP" {
                properties {
                    "telemetry.service" "mobile-bff-android"
                    "aws.ecsService" "mobile-bff-android"
                    "aws.accountId" "271830456127"
                    "owner" "team-mobile"
                }
            }
        }

        customerPlatform = softwareSystem "Customer platform" "Who a customer is and what they subscribed to." {
            authService = container "Auth service" "Logs customers in, introspects their tokens." "Python, HTTP" {
                properties {
                    "telemetry.service" "auth-service"
                    "aws.ecsService" "auth-service"
                    "aws.certificateArn" "arn:aws:acm:eu-central-1:339104872215:certificate/3b0a7c58-6f0e-4f0b-9a51-2d7c81b4e690"
                    "aws.accountId" "339104872215"
                    "aws.secretId" "identity/token-signing-key"
                    "owner" "team-identity"
                }
            }
            subscriptionService = container "Subscription service" "Says who may use which remote service." "Python, HTTP" {
                properties {
                    "telemetry.service" "subscription-service"
                    "aws.ecsService" "subscription-service"
                    "aws.certificateArn" "arn:aws:acm:eu-central-1:339104872215:certificate/91d5e2f4-08c3-4b7a-8e6d-5f3a90c1b2d7"
                    "aws.accountId" "339104872215"
                    "owner" "team-subscriptions"
                }
            }
            subscriptionDb = container "Subscription database" "Subscriptions and their features." "Relational database" "Database" {
                properties {
                    "telemetry.service" "subscription-db"
                    "aws.dbInstanceIdentifier" "subscription-db"
                    "aws.secretId" "subscriptions/db/subscription_app"
                    "aws.accountId" "339104872215"
                    "owner" "team-subscriptions"
                }
            }
        }

        vehiclePlatform = softwareSystem "Vehicle platform" "Everything that talks to cars." {
            rvmApi = container "Remote Vehicle Management API" "Turns requests into commands to cars." "Python, HTTP" {
                properties {
                    "telemetry.service" "remote-vehicle-management-api"
                    "aws.ecsService" "remote-vehicle-management-api"
                    "aws.certificateArn" "arn:aws:acm:eu-central-1:562093481107:certificate/c64f19ab-7d2e-4e58-b0c9-e81a5372f6d4"
                    "aws.accountId" "562093481107"
                    "owner" "team-vehicle"
                }
            }
            mqttBroker = container "MQTT broker" "Carries commands to cars and their replies." "MQTT 3.1.1" {
                properties {
                    "telemetry.service" "mqtt-broker"
                    "aws.accountId" "562093481107"
                    "owner" "team-vehicle"
                }
            }
            notificationService = container "Notification service" "Tells the app when a car changed its state." "Python, HTTP" {
                properties {
                    "telemetry.service" "notification-service"
                    "aws.accountId" "562093481107"
                    "owner" "team-vehicle"
                }
            }
        }

        mobileCarrier = softwareSystem "Mobile carrier" "Wakes cars by a message to their SIM card; run by a telephone company." "External" {
            properties {
                "telemetry.service" "mobile-carrier"
            }
        }
        partnerPortal = softwareSystem "Partner portal" "Remote services for workshops and fleet operators." "Retired"

        testEngineer = person "Test engineer" "Runs engines on the test bench of the vehicle plant."
        testBench = softwareSystem "Test bench" "Runs engines whose heat the coolant takes away." "Equipment" {
            properties {
                "telemetry.service" "TB-106"
                "owner" "team-powertrain-test"
            }
        }
        coolantLoop = softwareSystem "Coolant loop" "Pumps hot coolant from a tank through the test bench and back." {
            coolantTank = container "Coolant tank" "Holds the coolant and keeps its temperature." "Vessel, 300 l" "Equipment" {
                properties {
                    "telemetry.service" "T-100"
                    "owner" "team-plant-maintenance"
                }
            }
            suctionStrainer = container "Suction strainer" "Keeps coarse dirt from the pump." "Basket strainer" "Equipment" {
                properties {
                    "telemetry.service" "S-102"
                    "owner" "team-plant-maintenance"
                }
            }
            coolantPump = container "Coolant pump" "Drives the loop." "Centrifugal pump, 1.5 kW" "Equipment" {
                properties {
                    "telemetry.service" "P-101"
                    "owner" "team-plant-maintenance"
                }
            }
            coolantFilter = container "Coolant filter" "Keeps fine dirt from the valve." "Cartridge filter" "Equipment" {
                properties {
                    "telemetry.service" "F-103"
                    "owner" "team-plant-maintenance"
                }
            }
            flowValve = container "Control valve" "Throttles to the flow that is asked for." "Equal percentage, pneumatic" "Equipment" {
                properties {
                    "telemetry.service" "V-104"
                    "owner" "team-plant-maintenance"
                }
            }
            flowTransmitter = container "Flow transmitter" "Measures the flow." "Electromagnetic" "Equipment" {
                properties {
                    "telemetry.service" "FT-105"
                    "owner" "team-instrumentation"
                }
            }
            flowController = container "Flow controller" "Holds the flow at its set-point." "PLC, PI" "Equipment" {
                properties {
                    "telemetry.service" "FC-105"
                    "owner" "team-instrumentation"
                }
            }
            edgeGateway = container "Edge gateway" "Reads the instruments and sends them on." "OPC UA to OTLP" {
                properties {
                    "telemetry.service" "pump-rig"
                    "owner" "team-instrumentation"
                }
            }
        }
        rinseLoop = softwareSystem "Rinse water loop" "Rinses parts in the paint shop; sends no telemetry yet." {
            rinsePump = container "Rinse pump" "Drives the rinse water." "Centrifugal pump" "Equipment" {
                properties {
                    "equipment.tag" "P-205"
                }
            }
            rinseController = container "Rinse level controller" "Holds the level of the basin." "PLC, PI" "Equipment" {
                properties {
                    "equipment.tag" "LC-210"
                }
            }
        }

        testEngineer -> testBench "Runs tests on"
        coolantTank -> suctionStrainer "Coolant" "Pipe"
        suctionStrainer -> coolantPump "Coolant" "Pipe"
        coolantPump -> coolantFilter "Coolant" "Pipe"
        coolantFilter -> flowValve "Coolant" "Pipe"
        flowValve -> flowTransmitter "Coolant" "Pipe"
        flowTransmitter -> testBench "Coolant" "Pipe"
        testBench -> coolantTank "Warm coolant" "Pipe"
        flowTransmitter -> flowController "Flow" "4-20 mA"
        flowController -> flowValve "Position" "4-20 mA"

        iosCustomer -> iosApp "Uses"
        androidCustomer -> androidApp "Uses"
        partner -> partnerPortal "Uses"

        iosApp -> iosBff "Locks, unlocks, heats, asks" "HTTPS"
        androidApp -> androidBff "Locks, unlocks, heats, asks" "HTTPS"

        iosBff -> authService "Introspects tokens" "HTTPS"
        androidBff -> authService "Introspects tokens" "HTTPS"
        iosBff -> rvmApi "Sends remote commands" "HTTPS"
        androidBff -> rvmApi "Sends remote commands" "HTTPS"
        partnerPortal -> rvmApi "Sends remote commands" "HTTPS"

        rvmApi -> subscriptionService "Checks entitlements" "HTTPS"
        subscriptionService -> subscriptionDb "Reads subscriptions" "SQL"
        rvmApi -> mobileCarrier "Has cars woken" "HTTPS"
        rvmApi -> mqttBroker "Publishes commands, receives replies" "MQTT"
        carFleet -> mqttBroker "Receives commands, publishes state" "MQTT"
        rvmApi -> carFleet "Commands, through the broker" "MQTT" "Asynchronous"
        carFleet -> rvmApi "Replies, through the broker" "MQTT" "Asynchronous"
        rvmApi -> notificationService "Announces changes of state" "HTTPS"

        deploymentEnvironment "Live" {
            iosAccount = deploymentNode "Account connected-app-ios" "Runs the backend of the iOS app." "AWS account 104758213690" {
                iosCluster = deploymentNode "ECS cluster mobile-ios" "" "Amazon ECS" {
                    iosBffInstance = containerInstance iosBff
                }
            }
            androidAccount = deploymentNode "Account connected-app-android" "Runs the backend of the Android app." "AWS account 271830456127" {
                androidCluster = deploymentNode "ECS cluster mobile-android" "" "Amazon ECS" {
                    androidBffInstance = containerInstance androidBff
                }
            }
            platformAccount = deploymentNode "Account customer-platform" "Runs identity and subscriptions." "AWS account 339104872215" {
                authIngressIos = infrastructureNode "auth-from-ios" "Admits the iOS BFF to the auth service." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0a24c6f28de5073b9"
                    }
                }
                authIngressAndroid = infrastructureNode "auth-from-android" "Admits the Android BFF to the auth service." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0b35d7039ef6184ca"
                    }
                }
                subscriptionIngress = infrastructureNode "subscriptions-from-rvm" "Admits the RVM API to the subscription service." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0c46e814af07295db"
                    }
                }
                platformCluster = deploymentNode "ECS cluster customer-platform" "" "Amazon ECS" {
                    authInstance = containerInstance authService
                    subscriptionInstance = containerInstance subscriptionService
                }
                databases = deploymentNode "RDS" "" "Amazon RDS" {
                    subscriptionDbInstance = containerInstance subscriptionDb
                }
            }
            vehicleAccount = deploymentNode "Account connected-vehicle" "Runs what talks to cars." "AWS account 562093481107" {
                rvmIngressIos = infrastructureNode "rvm-api-from-ios" "Admits the iOS BFF to the RVM API." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-07e1f3c95ab2d4086"
                    }
                }
                rvmIngressAndroid = infrastructureNode "rvm-api-from-android" "Admits the Android BFF to the RVM API." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-08f2a4d06bc3e5197"
                    }
                }
                rvmIngressPartners = infrastructureNode "rvm-api-from-partners" "Admits the partner portal to the RVM API." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0913b5e17cd4f62a8"
                    }
                }
                rvmUsagePlanIos = infrastructureNode "ios-app usage plan" "How many requests the iOS BFF may send to the RVM API." "API Gateway usage plan" {
                    properties {
                        "aws.usagePlanId" "kq3v81"
                    }
                }
                rvmUsagePlanAndroid = infrastructureNode "android-app usage plan" "How many requests the Android BFF may send to the RVM API." "API Gateway usage plan" {
                    properties {
                        "aws.usagePlanId" "w7d0zp"
                    }
                }
                vehicleCluster = deploymentNode "ECS cluster connected-vehicle" "" "Amazon ECS" {
                    rvmInstance = containerInstance rvmApi
                    brokerInstance = containerInstance mqttBroker
                    notificationInstance = containerInstance notificationService
                }
            }
            networkAccount = deploymentNode "Account shared-network" "Joins the accounts." "AWS account 680412975531" {
                privateZone = infrastructureNode "connected-car.internal" "The names under which services find each other." "Route 53 private hosted zone" {
                    properties {
                        "aws.hostedZoneId" "Z04817362KQ9VXW2T5ABC"
                    }
                }
                networkGateway = infrastructureNode "Network gateway" "Carries traffic between accounts by the rules of the security groups." "Transit gateway" {
                    properties {
                        "telemetry.service" "network-gateway"
                    }
                }
            }

            iosBffInstance -> rvmIngressIos "Passes"
            rvmIngressIos -> rvmInstance "Guards"
            androidBffInstance -> rvmIngressAndroid "Passes"
            rvmIngressAndroid -> rvmInstance "Guards"
            rvmIngressPartners -> rvmInstance "Guards"
            iosBffInstance -> authIngressIos "Passes"
            authIngressIos -> authInstance "Guards"
            androidBffInstance -> authIngressAndroid "Passes"
            authIngressAndroid -> authInstance "Guards"
            iosBffInstance -> privateZone "Resolves names"
            androidBffInstance -> privateZone "Resolves names"
            authInstance -> privateZone "Resolves names"
            rvmInstance -> privateZone "Resolves names"
            iosBffInstance -> rvmUsagePlanIos "Is limited by"
            rvmUsagePlanIos -> rvmInstance "Limits"
            androidBffInstance -> rvmUsagePlanAndroid "Is limited by"
            rvmUsagePlanAndroid -> rvmInstance "Limits"
            rvmInstance -> subscriptionIngress "Passes"
            subscriptionIngress -> subscriptionInstance "Guards"
        }
    }

    views {
        container vehiclePlatform "Vehicle" "The vehicle platform and who calls it." {
            include *
            autoLayout lr
        }
        deployment * "Live" "Deployment" "Accounts, clusters and security groups." {
            include *
            autoLayout lr
        }
    }
}
